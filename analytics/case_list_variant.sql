-- Those that variants.sql counts in one row.
picked AS
(
    SELECT process, case_id, started, completed AS until, reading(completed) - reading(started) AS spent, 1 AS things
    FROM chosen
    WHERE steps.3 = {variant:Array(String)}
)
