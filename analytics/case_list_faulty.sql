-- Those that error_rate.sql counts.
picked AS
(
    SELECT process, case_id, started, completed AS until, reading(completed) - reading(started) AS spent, 1 AS things
    FROM chosen
    WHERE (process, case_id) IN (SELECT process, case_id FROM faulty_cases)
)
