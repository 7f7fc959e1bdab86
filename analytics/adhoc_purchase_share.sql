SELECT key, bucket, count() AS n, countIf((process, case_id) IN (
        -- An order is what the last event says that says it. Duplicates: FINAL leaves one row an event id.
        SELECT process, case_id
        FROM (SELECT process, case_id, attributes['order'] AS order_then, place_of(toUnixTimestamp64Milli(time), sequence, event_id) AS place FROM task_events FINAL WHERE process = 'supplies')
        GROUP BY process, case_id
        HAVING argMaxIf(order_then, place, order_then != '') = 'ad_hoc'
    )) AS hits
FROM chosen
WHERE process = 'supplies'
GROUP BY key, bucket
ORDER BY key, bucket
