SELECT key, bucket, count() AS n, countIf((process, case_id) IN (SELECT process, case_id FROM adhoc_cases)) AS hits
FROM chosen
WHERE process = 'supplies'
GROUP BY key, bucket
ORDER BY key, bucket
