-- Links that were used. Nothing here leads to an answer: a use has no time and no day (a
-- department of which one person answered on a day would show that answer beside its link), uses
-- come in groups of one department and in the order of their hashes, and none shares anything
-- with an answer but wave and department.
--
-- Engine: ReplacingMergeTree, read with FINAL, since a use told twice is one. Sort key: by hash,
-- which says nothing of the order of events.
CREATE TABLE IF NOT EXISTS survey_link_uses
(
    wave LowCardinality(String),
    link String
)
ENGINE = ReplacingMergeTree
ORDER BY (wave, link)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
