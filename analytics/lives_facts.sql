-- Every case as case_facts has it, in the form of lives.sql; none that was gone before the period.
-- Duplicates: FINAL leaves one row a case.
lives AS
(
    SELECT process, case_id, started, last_seen, gone, state = 'completed' AS is_completed, department, class, last_stage, returns
    FROM case_facts FINAL
    WHERE quarter >= {first_quarter:UInt16}
        AND (empty({process:Array(String)}) OR process IN {process:Array(String)})
        AND (empty({department:Array(String)}) OR department IN {department:Array(String)})
)
