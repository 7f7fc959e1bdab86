-- Messages that are no events, as the dead-letter topic holds them, one row a message.
--
-- Sort key: the place the message came from, so that a letter put aside twice is one letter.
-- value and headers are bytes as they came, whatever they are.
CREATE TABLE IF NOT EXISTS dead_letters
(
    letter_id        String MATERIALIZED leftPad(lower(hex(sipHash64(log_id, topic, topic_partition, topic_offset))), 16, '0'),
    log_id           LowCardinality(String),
    topic            LowCardinality(String),
    topic_partition  UInt32,
    topic_offset     UInt64,
    last_offset      UInt64,
    kind             LowCardinality(String),
    reason           String,
    message_key      String,
    value            String,
    header_names     Array(String),
    header_values    Array(String),
    size             UInt64,
    produced_at      DateTime64(3, 'UTC'),
    put_at           DateTime64(3, 'UTC'),
    letter_partition UInt32,
    letter_offset    UInt64,
    stored_at        DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(letter_offset)
ORDER BY (topic, topic_partition, topic_offset, log_id)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
