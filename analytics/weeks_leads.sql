SELECT
    key,
    roundDown(started, {week_starts:Array(Int64)}) AS week,
    count() AS n,
    toUInt64(0) AS hits,
    groupArray(5000)((reading(completed) - reading(started)) / 1000) AS leads
FROM chosen
WHERE started >= {week_starts:Array(Int64)}[1] AND started < {weeks_end:Int64}
GROUP BY key, week
ORDER BY week, key
