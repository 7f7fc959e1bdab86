-- The cases of the faults that faults.sql counts. The filters are about the faults, so a case that
-- is open, or of another department, is listed too. Its time runs until it is gone, or until now.
picked AS
(
    SELECT lives.process AS process, lives.case_id AS case_id, lives.started AS started, lives.gone AS until,
        reading(least(lives.gone, {now:Int64})) - reading(lives.started) AS spent, found.things AS things
    FROM lives
    INNER JOIN
    (
        SELECT process, case_id, count() AS things
        FROM counted_faults
        WHERE case_id != '' AND found >= {from:Int64} AND found < {to:Int64}
            AND (empty({process:Array(String)}) OR process IN {process:Array(String)})
            AND (empty({department:Array(String)}) OR department IN {department:Array(String)})
            AND (empty({stage:Array(String)}) OR stage IN {stage:Array(String)})
            AND (empty({kind:Array(String)}) OR kind IN {kind:Array(String)})
        GROUP BY process, case_id
    ) AS found ON found.process = lives.process AND found.case_id = lives.case_id
)
