SELECT DISTINCT process
FROM fault_events
ORDER BY process
