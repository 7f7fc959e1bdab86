-- Those that work_in_progress.sql counts. An open case has no end, so it comes before all ended.
picked AS
(
    SELECT process, case_id, started, toInt64(9223372036854775807) AS until, reading(at) - reading(started) AS spent, 1 AS things
    FROM open_cases
)
