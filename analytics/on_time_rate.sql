SELECT if({by:String} = 'nodes,limit', concat(key, '\x1D', 'limit:', process, '/', limit_key), key) AS key, bucket, count() AS n, countIf(is_kept) AS hits, countIf(is_open) AS overdue
FROM judged
GROUP BY key, bucket
ORDER BY key, bucket
