-- What happened to cases, one row an event.
--
-- Sort key: an event is known by its id, so redelivered copies collapse under FINAL whatever
-- batch they came in; process and case lead it, so that a case's events lie together. Time is
-- left out of the key and of any partition: a copy whose time was changed must meet the first.
-- The copy that Kafka took last wins, in whatever order copies are stored.
-- One partition: FINAL looks across all copies, and a small insert stays one part.
CREATE TABLE IF NOT EXISTS task_events
(
    event_id         String,
    source           LowCardinality(String),
    time             DateTime64(3, 'UTC'),
    sequence         String,
    process          LowCardinality(String),
    case_id          String,
    stage            LowCardinality(String),
    action           Enum8('submit' = 1, 'start' = 2, 'complete' = 3, 'approve' = 4, 'return' = 5, 'reject' = 6, 'sign' = 7, 'archive' = 8, 'notify' = 9, 'check' = 10, 'remind' = 11, 'transfer' = 12, 'withdraw' = 13, 'comment' = 14, 'reopen' = 15, 'close' = 16),
    department       LowCardinality(String),
    actor            String,
    actor_department LowCardinality(String),
    due_at           Nullable(DateTime64(3, 'UTC')),
    class            LowCardinality(String),
    assume_complete  Bool,
    attributes       Map(LowCardinality(String), String),
    topic_partition  UInt32,
    topic_offset     UInt64,
    produced_at      DateTime64(3, 'UTC'),
    stored_at        DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(produced_at)
ORDER BY (process, case_id, event_id)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
