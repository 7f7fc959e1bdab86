SELECT
    pair.1 AS from_stage,
    pair.2 AS to_stage,
    count() AS pairs,
    round(avg(wait)) / 1000 AS mean,
    round(quantileExactInclusive(0.5)(wait)) / 1000 AS median,
    round(quantileExactInclusive(0.9)(wait)) / 1000 AS p90,
    sum(wait) / 1000 AS total,
    sum(pairs) OVER () AS n
FROM
(
    SELECT pair, reading(pair.4) - reading(pair.3) AS wait
    FROM chosen
    ARRAY JOIN arrayZip(arrayPopBack(steps.3), arrayPopFront(steps.3), arrayPopBack(steps.2), arrayPopFront(steps.2)) AS pair
)
GROUP BY from_stage, to_stage
ORDER BY if({sort:String} = 'total', sum(wait), toInt64(pairs)) DESC, from_stage, to_stage
LIMIT {limit:UInt64}
