-- How far case_facts has come: as_of is Kafka's time of the newest event it knows, rules the
-- fingerprint of what the handbook calls the end of a case. The row with the largest generation
-- holds; without one, or under other rules, the facts have to be made anew.
CREATE TABLE IF NOT EXISTS facts_state
(
    one        UInt8,
    generation UInt64,
    rules      String,
    as_of      DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(generation)
ORDER BY one
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
