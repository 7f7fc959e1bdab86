-- The cases with a fault that counts, of the stages asked for.
faulty_cases AS
(
    SELECT process, case_id
    FROM counted_faults
    WHERE case_id != '' AND (empty({stage:Array(String)}) OR stage IN {stage:Array(String)})
)
