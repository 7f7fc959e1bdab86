SELECT
    process,
    stage,
    count() AS visit_count,
    uniqExact(case_id) AS cases,
    round(avg(spent)) / 1000 AS mean,
    round(quantileExactInclusive(0.5)(spent)) / 1000 AS median,
    round(quantileExactInclusive(0.9)(spent)) / 1000 AS p90,
    sum(spent) / 1000 AS total,
    if(sum(sum(spent)) OVER () = 0, 0, sum(spent) / sum(sum(spent)) OVER ()) AS share,
    sum(visit_count) OVER () AS n
FROM visits
GROUP BY process, stage
ORDER BY sum(spent) DESC, process, stage
LIMIT {limit:UInt64}
