-- Links to waves. Of a link only a hash is kept (hexadecimal SHA-256, see surveys/invitation):
-- nobody who reads this table can answer for somebody. From seed and the secret in the data
-- directory, which is not in the database, the service makes the link of a reminder again.
-- recipient is where it was sent, '' when it was handed out otherwise.
--
-- Engine: ReplacingMergeTree, read with FINAL, since the same links stored twice are one.
-- Sort key: a wave's links are asked for together; the hash within says nothing of their order.
CREATE TABLE IF NOT EXISTS survey_links
(
    wave       LowCardinality(String),
    link       String,
    kind       Enum8('personal' = 1, 'department' = 2),
    department LowCardinality(String),
    seed       String,
    recipient  String,
    made_on    Date,
    made_by    LowCardinality(String)
)
ENGINE = ReplacingMergeTree
ORDER BY (wave, link)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
