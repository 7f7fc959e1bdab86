CREATE MATERIALIZED VIEW IF NOT EXISTS answer_watermark TO watermarks AS
SELECT
    'officepulse.answer.v1' AS topic,
    topic_partition,
    max(topic_offset) AS topic_offset,
    max(produced_at) AS produced_at,
    max(stored_at) AS stored_at
FROM answer_events
GROUP BY topic_partition
