-- faults.sql of every node and item at once, see points.go.
SELECT key, bucket, count() AS n
FROM
(
    SELECT
        arrayJoin(arrayFlatten(arrayMap(node -> [node, concat(node, '\x1D', 'kind:', kind), concat(node, '\x1D', 'stage:', stage)], nodes_of(process, department, '')))) AS key,
        roundDown(found, {starts:Array(Int64)}) AS bucket
    FROM counted_faults
    WHERE found >= {from:Int64} AND found < {to:Int64}
)
GROUP BY key, bucket
