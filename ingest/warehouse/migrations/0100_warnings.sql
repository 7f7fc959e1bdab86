-- What early warning has said: only added to, one row where a warning is raised and one where it is
-- cleared. number counts the warnings about a subject, from 1; so two processes that raise the same
-- warning at once send the same deduplication token, and the second row is dropped by the server.
--
-- Engine: a plain MergeTree; nothing is ever replaced. Sort key: the history of a subject.
CREATE TABLE IF NOT EXISTS warnings
(
    rule      LowCardinality(String),
    subject   String,
    number    UInt32,
    state     Enum8('raised' = 1, 'cleared' = 2),
    at        DateTime64(3, 'UTC'),
    noted_at  DateTime64(3, 'UTC'),
    value     Float64,
    threshold Float64,
    n         UInt64
)
ENGINE = MergeTree
ORDER BY (rule, subject, number, state)
SETTINGS non_replicated_deduplication_window = 100000, fsync_after_insert = 1, fsync_part_directory = 1
