-- What waits to become facts, the oldest part first.
SELECT table, name, rows
FROM system.parts
WHERE active AND database = currentDatabase() AND table IN ('task_changes', 'fault_changes') AND rows > 0
ORDER BY min_block_number, table
