SELECT
    key,
    bucket,
    count() AS n,
    round(avg(lead)) / 1000 AS mean,
    round(quantileExactInclusive(0.5)(lead)) / 1000 AS median,
    round(quantileExactInclusive(0.75)(lead)) / 1000 AS p75,
    round(quantileExactInclusive(0.9)(lead)) / 1000 AS p90,
    round(quantileExactInclusive(0.95)(lead)) / 1000 AS p95,
    sum(lead) / 1000 AS total
FROM (SELECT key, bucket, reading(completed) - reading(started) AS lead FROM chosen)
GROUP BY key, bucket
ORDER BY key, bucket
