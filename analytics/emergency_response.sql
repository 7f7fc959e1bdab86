SELECT
    key,
    bucket,
    count() AS n,
    countIf(is_kept) AS hits,
    round(avg(wait)) / 1000 AS mean,
    round(quantileExactInclusive(0.5)(wait)) / 1000 AS median,
    round(quantileExactInclusive(0.75)(wait)) / 1000 AS p75,
    round(quantileExactInclusive(0.9)(wait)) / 1000 AS p90,
    round(quantileExactInclusive(0.95)(wait)) / 1000 AS p95,
    sum(wait) / 1000 AS total
FROM (SELECT key, bucket, is_kept, reading(done) - reading(begun) AS wait FROM judged WHERE NOT is_open AND is_done)
GROUP BY key, bucket
ORDER BY key, bucket
