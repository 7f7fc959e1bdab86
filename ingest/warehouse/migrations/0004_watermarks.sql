-- How far each partition has come: maxima only, so that a repeated insert changes nothing.
CREATE TABLE IF NOT EXISTS watermarks
(
    topic           LowCardinality(String),
    topic_partition UInt32,
    topic_offset    SimpleAggregateFunction(max, UInt64),
    produced_at     SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    stored_at       SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (topic, topic_partition)
