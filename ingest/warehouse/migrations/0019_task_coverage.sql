CREATE MATERIALIZED VIEW IF NOT EXISTS task_coverage TO log_coverage AS
SELECT
    log_id,
    'officepulse.task.v1' AS topic,
    topic_partition,
    intDiv(topic_offset, 1048576) AS span,
    groupBitmapState(topic_offset) AS offsets,
    max(time) AS newest_event,
    max(produced_at) AS produced_at,
    max(stored_at) AS stored_at
FROM task_events
GROUP BY log_id, topic_partition, span
