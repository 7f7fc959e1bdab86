-- adhoc_cases.sql as case_facts has it. Duplicates: FINAL leaves one row a case.
adhoc_cases AS
(
    SELECT process, case_id
    FROM case_facts FINAL
    WHERE process = 'supplies' AND attributes['order'] = 'ad_hoc' AND quarter >= {first_quarter:UInt16} AND quarter <= {last_quarter:UInt16}
)
