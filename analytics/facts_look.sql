-- What tells whether facts_state.sql would say anything new: an insert takes the next block number of its
-- table, and a dropped part takes its rows along.
SELECT toString(groupArray((table, newest, rows))) AS look
FROM
(
    SELECT table, max(max_block_number) AS newest, sum(rows) AS rows
    FROM system.parts
    WHERE active AND database = currentDatabase()
        AND (table IN ('task_changes', 'fault_changes', 'facts_state', 'month_marks', 'points_built', 'log_coverage', 'answer_events') OR startsWith(table, 'survey_'))
    GROUP BY table
    ORDER BY table
)
