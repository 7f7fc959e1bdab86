-- Its name comes before task_coverage, as views are filled in the order of their names: what the
-- coverage says is stored is in the queue.
CREATE MATERIALIZED VIEW IF NOT EXISTS task_changed TO task_changes AS
SELECT DISTINCT process, case_id
FROM task_events
