-- Faults that were reported on and that the facts do not know yet: a queue as task_changes.
CREATE TABLE IF NOT EXISTS fault_changes
(
    fault_id String
)
ENGINE = MergeTree
ORDER BY fault_id
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
