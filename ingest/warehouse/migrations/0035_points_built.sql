-- Which build of metric_points holds for a part of time (milliseconds since 1970, until exclusive), and as
-- of what it was made: it holds as long as its rules and its mark are those of today, see month_marks.
-- undecided: limits of the part are open that time alone will break. The latest row of a part holds.
CREATE TABLE IF NOT EXISTS points_built
(
    since     Int64,
    until     Int64,
    build     String,
    rules     String,
    mark      UInt64,
    as_of     Int64,
    undecided Bool,
    made      UInt64
)
ENGINE = ReplacingMergeTree(made)
ORDER BY (since, until)
