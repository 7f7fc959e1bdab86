-- Filled-in questionnaires, one row an answer event. Values stay as they were given (a level, a
-- score, a text, chosen options); the questionnaire says what they mean. Duplicates: as for
-- task_events; a corrected answer is a later event with the same answer_id.
CREATE TABLE IF NOT EXISTS answer_events
(
    event_id        String,
    source          LowCardinality(String),
    time            DateTime64(3, 'UTC'),
    sequence        String,
    wave            LowCardinality(String),
    questionnaire   LowCardinality(String),
    answer_id       String,
    department      LowCardinality(String),
    numbers         Map(LowCardinality(String), Float64),
    texts           Map(LowCardinality(String), String),
    choices         Map(LowCardinality(String), Array(String)),
    topic_partition UInt32,
    topic_offset    UInt64,
    produced_at     DateTime64(3, 'UTC'),
    stored_at       DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(produced_at)
ORDER BY (wave, answer_id, event_id)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
