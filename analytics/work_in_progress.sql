SELECT
    key,
    bucket,
    count() AS n,
    round(avg(age)) / 1000 AS mean,
    round(quantileExactInclusive(0.5)(age)) / 1000 AS median,
    round(quantileExactInclusive(0.75)(age)) / 1000 AS p75,
    round(quantileExactInclusive(0.9)(age)) / 1000 AS p90,
    round(quantileExactInclusive(0.95)(age)) / 1000 AS p95,
    sum(age) / 1000 AS total
FROM (SELECT key, bucket, reading(at) - reading(started) AS age FROM open_cases)
GROUP BY key, bucket
ORDER BY key, bucket
