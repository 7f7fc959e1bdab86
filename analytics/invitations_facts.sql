-- invitations.sql as case_facts has it. Duplicates: FINAL leaves one row a case.
invitations AS
(
    SELECT case_id, invited, missed
    FROM case_facts FINAL
    WHERE process = 'meeting' AND invited > 0 AND quarter >= {first_quarter:UInt16} AND quarter <= {last_quarter:UInt16}
),
missed_reports AS
(
    SELECT case_id, countEqual(fault_kinds, 'notice_missed') AS missed
    FROM case_facts FINAL
    WHERE process = 'meeting' AND has(fault_kinds, 'notice_missed') AND quarter >= {first_quarter:UInt16} AND quarter <= {last_quarter:UInt16}
)
