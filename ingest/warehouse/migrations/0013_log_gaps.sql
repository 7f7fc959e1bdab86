-- Offsets at which the log held no message: the broker's own marks, or messages that were
-- deleted before they were read (lost). One row a stretch, a repeated one is the same.
CREATE TABLE IF NOT EXISTS log_gaps
(
    log_id          LowCardinality(String),
    topic           LowCardinality(String),
    topic_partition UInt32,
    first_offset    UInt64,
    last_offset     UInt64,
    lost            Bool,
    described       String,
    seen_at         DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(seen_at)
ORDER BY (log_id, topic, topic_partition, first_offset)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
