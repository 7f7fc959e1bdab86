-- What people have done with dead letters: only added to, so it is its own history.
CREATE TABLE IF NOT EXISTS dead_letter_acts
(
    letter_id String,
    at        DateTime64(6, 'UTC'),
    deed      Enum8('edit' = 1, 'dry_run' = 2, 'replay' = 3, 'discard' = 4),
    actor     String,
    reason    String,
    text      String,
    ok        Bool,
    outcome   String
)
ENGINE = MergeTree
ORDER BY (letter_id, at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
