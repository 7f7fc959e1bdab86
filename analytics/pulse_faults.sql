-- Faults that count, by process, stage and the day on which they were found. Duplicates: FINAL.
SELECT process, stage, toInt32(toDate32(fromUnixTimestamp64Milli(found, {zone:String}))) AS day, count() AS n
FROM fault_facts FINAL
WHERE counts AND found >= {from:Int64} AND found < {to:Int64}
GROUP BY process, stage, day
