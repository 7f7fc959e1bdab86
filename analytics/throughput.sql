SELECT key, bucket, count() AS n
FROM chosen
GROUP BY key, bucket
ORDER BY key, bucket
