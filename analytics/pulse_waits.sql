-- How long each person's steps had waited for them, by process and day: the office hours since the
-- event before, remarks and reminders aside. Duplicates: FINAL leaves one row an event id.
SELECT process, actor, toInt32(toDate32(fromUnixTimestamp64Milli(instant, {zone:String}))) AS day, count() AS steps, sum(spent) / 1000 AS seconds
FROM
(
    SELECT
        process,
        actor,
        instant,
        reading(instant) - reading(lagInFrame(instant, 1, instant) OVER (PARTITION BY process, case_id ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)) AS spent
    FROM
    (
        SELECT process, case_id, actor, toUnixTimestamp64Milli(time) AS instant, place_of(instant, sequence, event_id) AS place
        FROM task_events FINAL
        WHERE action NOT IN ('comment', 'remind')
            AND (process, case_id) IN (SELECT process, case_id FROM case_facts FINAL WHERE started < {to:Int64} AND last_seen >= {from:Int64})
    )
)
WHERE instant >= {from:Int64} AND instant < {to:Int64} AND actor != ''
GROUP BY process, actor, day
ORDER BY process, day, actor
