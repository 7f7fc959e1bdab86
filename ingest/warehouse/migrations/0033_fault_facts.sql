-- What is known of each fault, one row a fault: derived from fault_events, written by analytics beside
-- case_facts. counts: its latest report says confirmed or corrected. version: as of case_facts.
CREATE TABLE IF NOT EXISTS fault_facts
(
    fault_id   String,
    process    LowCardinality(String),
    case_id    String,
    kind       LowCardinality(String),
    stage      LowCardinality(String),
    department LowCardinality(String),
    found      Int64 CODEC(T64, LZ4),
    counts     Bool,
    version    UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY fault_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
