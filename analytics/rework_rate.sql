SELECT key, bucket, count() AS n, countIf(length(stages) > length(arrayDistinct(stages))) AS hits
FROM
(
    SELECT key, bucket, arrayFilter(stage -> (process, stage) NOT IN {repeats:Array(Tuple(String, String))}, steps.3) AS stages
    FROM chosen
)
GROUP BY key, bucket
ORDER BY key, bucket
