-- What each person of some departments did in the period, one row a person and process: steps, the
-- cases they belong to, and the time since the event before, which the step ended.
-- Duplicates: FINAL leaves one row an event id.
SELECT process, actor, count() AS steps, uniqExact(case_id) AS cases, sum(spent) / 1000 AS seconds
FROM
(
    SELECT
        process,
        case_id,
        actor,
        actor_department,
        instant,
        reading(instant) - reading(lagInFrame(instant, 1, instant) OVER (PARTITION BY process, case_id ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)) AS spent
    FROM
    (
        SELECT process, case_id, actor, actor_department, toUnixTimestamp64Milli(time) AS instant, place_of(instant, sequence, event_id) AS place
        FROM task_events FINAL
        WHERE action NOT IN ('comment', 'remind')
            AND (process, case_id) IN (SELECT process, case_id FROM lives WHERE started < {to:Int64} AND gone >= {from:Int64})
    )
)
WHERE instant >= {from:Int64} AND instant < {to:Int64} AND actor != '' AND actor_department IN {team:Array(String)}
GROUP BY process, actor
ORDER BY process, steps DESC, actor
