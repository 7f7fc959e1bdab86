-- Those that rework_rate.sql counts.
picked AS
(
    SELECT process, case_id, started, completed AS until, reading(completed) - reading(started) AS spent, 1 AS things
    FROM
    (
        SELECT *, arrayFilter(stage -> (process, stage) NOT IN {repeats:Array(Tuple(String, String))}, steps.3) AS stages
        FROM chosen
    )
    WHERE length(stages) > length(arrayDistinct(stages))
)
