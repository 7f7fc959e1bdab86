-- The pairs that transitions.sql counts in one row.
picked AS
(
    SELECT process, case_id, started, completed AS until, reading(pair.4) - reading(pair.3) AS spent, 1 AS things
    FROM chosen
    ARRAY JOIN arrayZip(arrayPopBack(steps.3), arrayPopFront(steps.3), arrayPopBack(steps.2), arrayPopFront(steps.2)) AS pair
    WHERE pair.1 = {first:String} AND pair.2 = {second:String}
)
