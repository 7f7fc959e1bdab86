-- The promises that on_time_rate.sql counts and that were not kept. `begun` is when the limit began
-- to run; one that is open has run until the end of the period, or now.
picked AS
(
    SELECT process, case_id, begun AS started, done AS until, reading(least(done, {to:Int64}, {now:Int64})) - reading(begun) AS spent, 1 AS things
    FROM judged
    WHERE NOT is_kept
)
