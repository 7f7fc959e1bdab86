-- A page of the cases picked. `spent` is the time on the clock of what was picked of a case.
SELECT
    process,
    case_id,
    sum(spent) AS taken,
    count() OVER () AS total,
    sum(sum(things)) OVER () AS n
FROM picked
WHERE spent >= {at_least:Int64} AND ({below:Int64} = 0 OR spent < {below:Int64})
GROUP BY process, case_id
ORDER BY multiIf({order:String} = 'started', any(started), {order:String} = 'completed', any(until), taken) DESC, process, case_id
LIMIT {limit:UInt64} OFFSET {offset:UInt64}
