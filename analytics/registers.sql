-- The events of the cases that registers are about: those that were not gone before the period, and of
-- the processes in `ever` all that had begun by its end. Duplicates: FINAL leaves one row an event id.
SELECT
    e.process AS process,
    e.case_id AS case_id,
    chosen.department AS department,
    chosen.class AS class,
    groupArray((toUnixTimestamp64Milli(e.time), place_of(toUnixTimestamp64Milli(e.time), e.sequence, e.event_id), e.stage, toString(e.action), e.actor_department,
        if(e.due_at IS NULL, toInt64(0), toUnixTimestamp64Milli(assumeNotNull(e.due_at))),
        arrayMap(name -> e.attributes[name], {names:Array(String)}))) AS history
FROM task_events AS e FINAL
INNER JOIN
(
    SELECT process, case_id, department, class
    FROM lives
    WHERE started < {to:Int64}
        AND (gone >= {from:Int64} OR process IN {ever:Array(String)})
        AND (empty({department:Array(String)}) OR department IN {department:Array(String)})
        AND (process NOT IN {narrowed:Array(String)} OR (process, class) IN {classes:Array(Tuple(String, String))})
) AS chosen ON chosen.process = e.process AND chosen.case_id = e.case_id
WHERE e.process IN {process:Array(String)}
GROUP BY process, case_id, department, class
