-- faulty_cases.sql as case_facts has it. Duplicates: FINAL leaves one row a case.
faulty_cases AS
(
    SELECT process, case_id
    FROM case_facts FINAL
    WHERE if(empty({stage:Array(String)}), notEmpty(fault_stages), hasAny(fault_stages, {stage:Array(String)}))
        AND quarter >= {first_quarter:UInt16} AND quarter <= {last_quarter:UInt16}
        AND (empty({process:Array(String)}) OR process IN {process:Array(String)})
)
