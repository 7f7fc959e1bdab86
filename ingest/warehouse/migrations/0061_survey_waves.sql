-- Revisions of survey waves: only added to, so the table is its own history. The document is the
-- whole wave as JSON; the columns beside it are those that queries choose by.
--
-- Engine: a plain MergeTree; a revision never changes. Who changes a revision that was overtaken
-- sends the deduplication token of the one that overtook it, and the server drops the row; so a
-- revision is one row, and id tells whose it is. Sort key: the newest revision of a wave is asked for.
CREATE TABLE IF NOT EXISTS survey_waves
(
    wave          String,
    revision      UInt64,
    id            String,
    state         Enum8('draft' = 1, 'open' = 2, 'closed' = 3, 'published' = 4),
    quarter       String,
    questionnaire String,
    anonymous     Bool,
    opens         DateTime64(3, 'UTC'),
    closes        DateTime64(3, 'UTC'),
    document      String,
    deed          LowCardinality(String),
    author        String,
    at            DateTime64(3, 'UTC'),
    reason        String
)
ENGINE = MergeTree
ORDER BY (wave, revision)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
