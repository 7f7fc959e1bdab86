-- Cases of which something was stored and that case_facts does not know yet. It is a queue: every
-- insert of events leaves a part here, and whoever has brought case_facts up to date with a part
-- drops it. A crash in between leaves the part, and doing it twice changes nothing.
CREATE TABLE IF NOT EXISTS task_changes
(
    process LowCardinality(String),
    case_id String
)
ENGINE = MergeTree
ORDER BY (process, case_id)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
