SELECT
    key,
    roundDown(started, {week_starts:Array(Int64)}) AS week,
    count() AS n,
    countIf((process, case_id) IN (SELECT process, case_id FROM faulty_cases)) AS hits,
    emptyArrayFloat64() AS leads
FROM chosen
WHERE started >= {week_starts:Array(Int64)}[1] AND started < {weeks_end:Int64}
GROUP BY key, week
ORDER BY week, key
