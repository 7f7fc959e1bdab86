CREATE MATERIALIZED VIEW IF NOT EXISTS answer_places_covered TO log_coverage AS
SELECT
    log_id,
    'officepulse.answer.v1' AS topic,
    topic_partition,
    intDiv(topic_offset, 1048576) AS span,
    groupBitmapState(topic_offset) AS offsets,
    max(time) AS newest_event,
    max(produced_at) AS produced_at,
    now64(3, 'UTC') AS stored_at
FROM answer_places
GROUP BY log_id, topic_partition, span
