-- The pairs that handovers.sql counts in one row.
picked AS
(
    SELECT process, case_id, started, completed AS until, reading(pair.4) - reading(pair.3) AS spent, 1 AS things
    FROM chosen
    ARRAY JOIN arrayZip(arrayPopBack(history.5), arrayPopFront(history.5), arrayPopBack(history.2), arrayPopFront(history.2)) AS pair
    WHERE pair.1 != pair.2 AND pair.1 = {first:String} AND pair.2 = {second:String}
)
