-- Notices of warnings: only added to. A row "begun" is stored before a notice goes out and a row "done"
-- or "refused" after; so what was begun may have arrived, and is not sent again. channel is who is told.
--
-- Engine: a plain MergeTree. Who begins the same notice at once sends the same deduplication token, and
-- the server drops all rows but the first; id tells whose it is.
CREATE TABLE IF NOT EXISTS warning_notices
(
    rule    LowCardinality(String),
    subject String,
    number  UInt32,
    channel String,
    state   Enum8('begun' = 1, 'done' = 2, 'refused' = 3),
    id      String,
    at      DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (rule, subject, number, channel, state)
SETTINGS non_replicated_deduplication_window = 100000, fsync_after_insert = 1, fsync_part_directory = 1
