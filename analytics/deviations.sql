SELECT
    deviation.1 AS kind,
    if(kind = '', '', process) AS at_process,
    deviation.2 AS stage,
    uniqExact(process, case_id) AS cases,
    count() AS times,
    round(avg(cost)) / 1000 AS mean,
    sum(cost) / 1000 AS total
FROM deviating
WHERE kind = '' OR empty({stage:Array(String)}) OR stage IN {stage:Array(String)}
GROUP BY kind, at_process, stage
ORDER BY kind != '', if({sort:String} = 'total', sum(cost), toInt64(times)) DESC, kind, at_process, stage
LIMIT {limit:UInt64} + 1
