SELECT
    pair.1 AS from_department,
    pair.2 AS to_department,
    count() AS pairs,
    uniqExact(process, case_id) AS cases,
    round(avg(wait)) / 1000 AS mean,
    round(quantileExactInclusive(0.5)(wait)) / 1000 AS median,
    round(quantileExactInclusive(0.9)(wait)) / 1000 AS p90,
    sum(wait) / 1000 AS total,
    sum(pairs) OVER () AS n
FROM
(
    SELECT process, case_id, pair, reading(pair.4) - reading(pair.3) AS wait
    FROM chosen
    ARRAY JOIN arrayZip(arrayPopBack(history.5), arrayPopFront(history.5), arrayPopBack(history.2), arrayPopFront(history.2)) AS pair
    WHERE pair.1 != pair.2
)
GROUP BY from_department, to_department
ORDER BY if({sort:String} = 'total', sum(wait), toInt64(pairs)) DESC, from_department, to_department
LIMIT {limit:UInt64}
