-- The faults that count as fault_facts has them. Duplicates: FINAL leaves one row a fault.
counted_faults AS
(
    SELECT process, case_id, kind, stage, department, found
    FROM fault_facts FINAL
    WHERE counts
)
