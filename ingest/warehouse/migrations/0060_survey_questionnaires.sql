-- Versions of questionnaires. A version never changes: what people were asked has to stay what
-- they were asked. The document is the whole of it, as JSON.
--
-- Engine: a plain MergeTree; nothing is ever replaced. Two people who make the same version at
-- once send the same deduplication token, and the second row is dropped by the server; so a
-- version is one row, and id tells whose it is. Sort key: how it is asked for.
CREATE TABLE IF NOT EXISTS survey_questionnaires
(
    key      String,
    version  UInt32,
    id       String,
    document String,
    author   String,
    at       DateTime64(3, 'UTC'),
    reason   String
)
ENGINE = MergeTree
ORDER BY (key, version)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
