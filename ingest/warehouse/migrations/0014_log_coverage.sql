-- Which offsets of the log are stored, and how far each partition has come: sets and maxima
-- only, so that a repeated insert changes nothing and a merge of events takes nothing away.
-- A row covers a span of 2^20 offsets of a partition.
CREATE TABLE IF NOT EXISTS log_coverage
(
    log_id          LowCardinality(String),
    topic           LowCardinality(String),
    topic_partition UInt32,
    span            UInt64,
    offsets         AggregateFunction(groupBitmap, UInt64),
    newest_event    SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    produced_at     SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    stored_at       SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (log_id, topic, topic_partition, span)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
