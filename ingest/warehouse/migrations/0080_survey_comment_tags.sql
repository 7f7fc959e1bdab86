-- Tags that the director puts on comments and takes off: only added to, so the table is its own
-- history; the latest row of a comment and tag holds. A comment is named by a hash that does not
-- lead to the answer it stands in (see surveys/results).
CREATE TABLE IF NOT EXISTS survey_comment_tags
(
    wave     LowCardinality(String),
    question LowCardinality(String),
    comment  String,
    tag      String,
    is_on    Bool,
    author   String,
    at       DateTime64(6, 'UTC')
)
ENGINE = MergeTree
ORDER BY (wave, question, comment, tag, at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
