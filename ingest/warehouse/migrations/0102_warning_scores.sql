-- How often the rules were right when the past was gone through with them: only added to; the newest
-- run holds. settings names the handbook and calendar that they were those of. Seconds and shares are
-- -1 where there is none.
--
-- Engine: a plain MergeTree; nothing is ever replaced. Sort key: a run is asked for whole.
CREATE TABLE IF NOT EXISTS warning_scores
(
    made_at      DateTime64(3, 'UTC'),
    settings     String,
    since        DateTime64(3, 'UTC'),
    until        DateTime64(3, 'UTC'),
    rule         LowCardinality(String),
    raised       UInt64,
    hits         UInt64,
    false_alarms UInt64,
    pending      UInt64,
    lead_seconds Float64
)
ENGINE = MergeTree
ORDER BY (made_at, rule)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
