-- Cases that were open at each moment with a due date between it and its horizon, and how many of them
-- missed that date. The first date that a case's events name: a later one was not known yet.
-- Duplicates: FINAL leaves one row a case.
SELECT process, moment.1 AS at, count() AS n, countIf(gone > due) AS late, minIf(due, gone > due) AS miss
FROM
(
    SELECT process, started, gone, assumeNotNull(original_due) AS due
    FROM case_facts FINAL
    WHERE original_due IS NOT NULL AND state != 'withdrawn' AND gone >= arrayMin({moments:Array(Int64)}) AND started < arrayMax({moments:Array(Int64)})
)
ARRAY JOIN arrayFilter(m -> started < m.1 AND gone >= m.1 AND due > m.1 AND due <= m.2, arrayZip({moments:Array(Int64)}, {horizons:Array(Int64)})) AS moment
GROUP BY process, moment.1
