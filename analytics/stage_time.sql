SELECT
    multiIf({by:String} = 'stage', stage, {by:String} = 'nodes,stage', concat(key, '\x1D', 'stage:', stage), key) AS key,
    bucket,
    count() AS n,
    round(avg(spent)) / 1000 AS mean,
    round(quantileExactInclusive(0.5)(spent)) / 1000 AS median,
    round(quantileExactInclusive(0.75)(spent)) / 1000 AS p75,
    round(quantileExactInclusive(0.9)(spent)) / 1000 AS p90,
    round(quantileExactInclusive(0.95)(spent)) / 1000 AS p95,
    sum(spent) / 1000 AS total,
    countIf(is_parted) AS parted,
    round(avgIf(waiting, is_parted)) / 1000 AS waiting_mean,
    round(quantileExactInclusiveIf(0.5)(waiting, is_parted)) / 1000 AS waiting_median,
    round(quantileExactInclusiveIf(0.9)(waiting, is_parted)) / 1000 AS waiting_p90,
    sumIf(waiting, is_parted) / 1000 AS waiting_total,
    round(avgIf(processing, is_parted)) / 1000 AS processing_mean,
    round(quantileExactInclusiveIf(0.5)(processing, is_parted)) / 1000 AS processing_median,
    round(quantileExactInclusiveIf(0.9)(processing, is_parted)) / 1000 AS processing_p90,
    sumIf(processing, is_parted) / 1000 AS processing_total
FROM visits
WHERE empty({stage:Array(String)}) OR stage IN {stage:Array(String)}
GROUP BY key, bucket
ORDER BY key, bucket
