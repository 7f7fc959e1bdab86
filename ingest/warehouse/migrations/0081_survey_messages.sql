-- What was sent about waves: only added to. A row "begun" is stored before messages go out and a
-- row "done" after; so what was begun and is not done may have arrived, and is not sent again.
-- An invitation is told of by its link (everybody gets one). A reminder is not, since only those
-- get it who have not answered: it is told of by the first digit of the links' hashes, with
-- how many went out in all, and on no finer time than the day.
--
-- Engine: a plain MergeTree. Who begins the same part at once sends the same deduplication token,
-- and the server drops all rows but the first; id tells whose it is.
CREATE TABLE IF NOT EXISTS survey_messages
(
    wave    LowCardinality(String),
    job     LowCardinality(String),
    part    String,
    state   Enum8('begun' = 1, 'done' = 2),
    id      String,
    sent    UInt32,
    refused UInt32,
    day     Date
)
ENGINE = MergeTree
ORDER BY (wave, job, part, state)
SETTINGS non_replicated_deduplication_window = 100000, fsync_after_insert = 1, fsync_part_directory = 1
