-- The lead times of the cases completed in the period, by process and day. Duplicates: FINAL.
SELECT process, toInt32(toDate32(fromUnixTimestamp64Milli(completed, {zone:String}))) AS day, groupArray((reading(completed) - reading(started)) / 1000) AS leads
FROM case_facts FINAL
WHERE state = 'completed' AND quarter >= {first_quarter:UInt16} AND quarter <= {last_quarter:UInt16}
    AND completed >= {from:Int64} AND completed < {to:Int64}
GROUP BY process, day
ORDER BY process, day
