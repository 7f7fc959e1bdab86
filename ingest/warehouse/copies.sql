-- How many copies of events there are in one table (EVENTS; KEY is its sort key,
-- PLACE where an event lay in the log), by partition of the
-- log; partition -1 is all of them together. rows counts what lies on the disk, visible what a
-- figure counts (FINAL). A key is an event as the sort key knows it.
SELECT
    if(grouping(partition) = 1, -1, toInt64(partition)) AS topic_partition,
    countIf(NOT final) AS row_count,
    groupBitmapIf(place, NOT final) AS offset_count,
    uniqExactIf(key, NOT final) AS key_count,
    countIf(final) AS visible_count,
    uniqExactIf(key, final) AS visible_keys,
    uniqExactIf(id, final) AS visible_ids,
    countIf(final AND late) AS late_count
FROM
(
    SELECT topic_partition AS partition, PLACE AS place, KEY AS key, sipHash64(event_id) AS id, produced_at > time + {late_after:UInt32} AS late, false AS final
    FROM EVENTS
    WHERE log_id IN ('', {log:String})
    UNION ALL
    SELECT topic_partition AS partition, PLACE AS place, KEY AS key, sipHash64(event_id) AS id, produced_at > time + {late_after:UInt32} AS late, true AS final
    FROM EVENTS FINAL
    WHERE log_id IN ('', {log:String})
)
GROUP BY GROUPING SETS ((partition), ())
