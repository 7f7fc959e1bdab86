SELECT key, bucket, count() AS n, countIf((process, case_id) IN (SELECT process, case_id FROM faulty_cases)) AS hits
FROM chosen
GROUP BY key, bucket
ORDER BY key, bucket
