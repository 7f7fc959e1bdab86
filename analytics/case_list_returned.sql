-- Those that return_rate.sql counts.
picked AS
(
    SELECT process, case_id, started, completed AS until, reading(completed) - reading(started) AS spent, 1 AS things
    FROM chosen
    WHERE arrayExists(event -> event.1 < end_place AND event.4 = 'return', history)
)
