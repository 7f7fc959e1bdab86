-- What was stored before the coverage was kept; its log is not known.
INSERT INTO log_coverage
SELECT
    log_id,
    'officepulse.fault.v1' AS topic,
    topic_partition,
    intDiv(topic_offset, 1048576) AS span,
    groupBitmapState(topic_offset) AS offsets,
    max(time) AS newest_event,
    max(produced_at) AS produced_at,
    max(stored_at) AS stored_at
FROM fault_events
GROUP BY log_id, topic_partition, span
