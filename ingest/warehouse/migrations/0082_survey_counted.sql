-- The answers that count in a wave's results, by event: written once, when the results are first
-- asked for after the closing. An answer that comes later, or comes again, changes nothing: the
-- difference that one answer makes would show that answer. The row without an event says that the
-- list is whole, which may be empty.
CREATE TABLE IF NOT EXISTS survey_counted
(
    wave     LowCardinality(String),
    event_id String
)
ENGINE = ReplacingMergeTree
ORDER BY (wave, event_id)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
