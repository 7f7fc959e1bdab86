-- The visits that stage_time.sql counts.
picked AS
(
    SELECT process, case_id, started, completed AS until, spent, 1 AS things
    FROM visits
    WHERE empty({stage:Array(String)}) OR stage IN {stage:Array(String)}
)
