-- The deviations that deviations.sql counts.
picked AS
(
    SELECT process, case_id, started, completed AS until, cost AS spent, 1 AS things
    FROM deviating
    WHERE deviation.1 != ''
        AND (empty({kind:Array(String)}) OR deviation.1 IN {kind:Array(String)})
        AND (empty({stage:Array(String)}) OR deviation.2 IN {stage:Array(String)})
)
