-- What the director decides: targets, process changes and whatever else is a record of that kind,
-- as revisions that are only added to, so the table is its own history. The document is the whole
-- record as JSON; the columns beside it are those that queries choose by.
--
-- Engine: a plain MergeTree; a revision never changes. Who changes a revision that was overtaken
-- sends the deduplication token of the one that overtook it, and the server drops the row; so a
-- revision is one row, and id tells whose it is. Sort key: the newest revisions of a kind are asked for.
CREATE TABLE IF NOT EXISTS ledger
(
    kind     LowCardinality(String),
    key      String,
    revision UInt64,
    id       String,
    document String,
    deed     LowCardinality(String),
    author   String,
    at       DateTime64(3, 'UTC'),
    reason   String
)
ENGINE = MergeTree
ORDER BY (kind, key, revision)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
