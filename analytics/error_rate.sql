SELECT
    key,
    bucket,
    count() AS n,
    countIf((process, case_id) IN (
        SELECT process, case_id
        FROM counted_faults
        WHERE case_id != '' AND (empty({stage:Array(String)}) OR stage IN {stage:Array(String)})
    )) AS hits
FROM chosen
GROUP BY key, bucket
ORDER BY key, bucket
