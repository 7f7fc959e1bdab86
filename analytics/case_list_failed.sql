-- Those that first_pass_yield.sql does not count.
picked AS
(
    SELECT process, case_id, started, completed AS until, reading(completed) - reading(started) AS spent, 1 AS things
    FROM chosen
    WHERE arrayExists(event -> event.1 < end_place AND event.4 IN ('return', 'reject'), history)
)
