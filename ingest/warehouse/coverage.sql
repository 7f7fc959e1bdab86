-- What the warehouse holds of each partition of a log, of the offsets below the given ones.
-- Duplicates: covered offsets are sets; rows, offsets and ids are counted to tell copies apart.
-- A log_id of '' is from before logs had names.
WITH
    upto AS
    (
        SELECT topic, topic_partition, upto
        FROM
        (
            SELECT
                arrayJoin(arrayZip({topics:Array(String)}, {partitions:Array(UInt32)}, {ends:Array(UInt64)})) AS one,
                one.1 AS topic,
                one.2 AS topic_partition,
                one.3 AS upto
        )
    ),
    stored AS
    (
        SELECT topic, topic_partition, groupBitmapMergeState(offsets) AS offsets, max(newest_event) AS newest_event, max(produced_at) AS produced_at
        FROM log_coverage
        WHERE log_id IN ('', {log:String})
        GROUP BY topic, topic_partition
    ),
    aside AS
    (
        SELECT topic, topic_partition, groupBitmapState(offset) AS offsets
        FROM
        (
            SELECT topic, topic_partition, arrayJoin(range(topic_offset, last_offset + 1)) AS offset
            FROM dead_letters
            WHERE log_id = {log:String}
        )
        GROUP BY topic, topic_partition
    ),
    gaps AS
    (
        SELECT topic, topic_partition, groupBitmapState(offset) AS offsets
        FROM
        (
            SELECT topic, topic_partition, arrayJoin(range(first_offset, last_offset + 1)) AS offset
            FROM log_gaps FINAL
            WHERE log_id = {log:String} AND NOT lost
        )
        GROUP BY topic, topic_partition
    )
SELECT
    upto.topic AS topic,
    upto.topic_partition AS topic_partition,
    bitmapCardinality(bitmapSubsetInRange(stored.offsets, toUInt64(0), upto.upto)) AS stored_offsets,
    bitmapCardinality(bitmapSubsetInRange(aside.offsets, toUInt64(0), upto.upto)) AS put_aside,
    bitmapCardinality(bitmapSubsetInRange(bitmapOr(bitmapOr(stored.offsets, aside.offsets), gaps.offsets), toUInt64(0), upto.upto)) AS covered,
    bitmapMin(bitmapOr(stored.offsets, aside.offsets)) AS first_offset,
    stored.newest_event,
    stored.produced_at
FROM upto
LEFT JOIN stored USING (topic, topic_partition)
LEFT JOIN aside USING (topic, topic_partition)
LEFT JOIN gaps USING (topic, topic_partition)
