-- When figures of a month (UTC, years * 12 + months) and of all later ones may last have changed. An
-- answer about a period holds as long as no month of it is marked anew. Maxima only.
CREATE TABLE IF NOT EXISTS month_marks
(
    from_month UInt32,
    mark       SimpleAggregateFunction(max, UInt64)
)
ENGINE = AggregatingMergeTree
ORDER BY from_month
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
