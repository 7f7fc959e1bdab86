-- The quarters of an hour in which each source sent something, by when that happened.
SELECT source, arraySort(groupUniqArray(toInt64(intDiv(toUnixTimestamp64Milli(time), 900000) * 900))) AS slots, max(toUnixTimestamp64Milli(time)) AS last
FROM
(
    SELECT source, time FROM task_events WHERE toUnixTimestamp64Milli(time) >= {from:Int64} AND toUnixTimestamp64Milli(time) < {to:Int64}
    UNION ALL
    SELECT source, time FROM fault_events WHERE toUnixTimestamp64Milli(time) >= {from:Int64} AND toUnixTimestamp64Milli(time) < {to:Int64}
)
GROUP BY source
ORDER BY source
