SELECT key, bucket, count() AS n
FROM
(
    SELECT
        multiIf({by:String} = 'process', process, {by:String} = 'stage', stage, {by:String} = 'department', department, kind) AS key,
        roundDown(found, {starts:Array(Int64)}) AS bucket
    FROM counted_faults
    WHERE found >= {from:Int64} AND found < {to:Int64}
        AND (empty({process:Array(String)}) OR process IN {process:Array(String)})
        AND (empty({department:Array(String)}) OR department IN {department:Array(String)})
        AND (empty({stage:Array(String)}) OR stage IN {stage:Array(String)})
)
GROUP BY key, bucket
ORDER BY key, bucket
