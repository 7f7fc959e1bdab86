SELECT key, bucket, count() AS n, countIf(arrayExists(event -> event.1 < end_place AND event.4 = 'return', history)) AS hits
FROM chosen
GROUP BY key, bucket
ORDER BY key, bucket
