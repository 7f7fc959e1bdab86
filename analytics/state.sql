-- What changes whenever something has been stored: an insert takes the next block number of its
-- table, and a merge leaves other parts. Of this server only.
SELECT toString(groupArray((table, newest, parts, rows)))
FROM
(
    SELECT table, max(max_block_number) AS newest, count() AS parts, sum(rows) AS rows
    FROM system.parts
    WHERE active AND database = currentDatabase() AND table IN ('task_events', 'fault_events', 'answer_events')
    GROUP BY table
    ORDER BY table
)
