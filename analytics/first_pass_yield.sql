SELECT key, bucket, count() AS n, countIf(NOT arrayExists(event -> event.1 < end_place AND event.4 IN ('return', 'reject'), history)) AS hits
FROM chosen
GROUP BY key, bucket
ORDER BY key, bucket
