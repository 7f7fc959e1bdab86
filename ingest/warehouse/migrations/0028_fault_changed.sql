CREATE MATERIALIZED VIEW IF NOT EXISTS fault_changed TO fault_changes AS
SELECT DISTINCT fault_id
FROM fault_events
