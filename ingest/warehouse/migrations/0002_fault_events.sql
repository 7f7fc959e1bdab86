-- What was reported about errors and omissions, one row a report. The reports of one fault lie
-- together; its present state is that of its latest report. Duplicates: as for task_events.
CREATE TABLE IF NOT EXISTS fault_events
(
    event_id        String,
    source          LowCardinality(String),
    time            DateTime64(3, 'UTC'),
    sequence        String,
    process         LowCardinality(String),
    fault_id        String,
    case_id         String,
    stage           LowCardinality(String),
    kind            LowCardinality(String),
    severity        Enum8('minor' = 1, 'major' = 2, 'critical' = 3),
    status          Enum8('reported' = 1, 'confirmed' = 2, 'dismissed' = 3, 'corrected' = 4),
    department      LowCardinality(String),
    reported_by     String,
    found_at        Nullable(DateTime64(3, 'UTC')),
    topic_partition UInt32,
    topic_offset    UInt64,
    produced_at     DateTime64(3, 'UTC'),
    stored_at       DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(produced_at)
ORDER BY (process, fault_id, event_id)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
