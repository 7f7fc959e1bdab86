-- A metric's points from builds, with the row of each build that says that it is complete.
SELECT
    metric = '' AS built,
    multiIf(
        metric = '', '',
        {by:String} = 'process', process,
        {by:String} = 'department', department,
        {by:String} = 'class', class,
        {by:String} IN ('stage', 'kind', 'limit'), substring(item, length({item:String}) + 1),
        {by:String} LIKE '%,%', arrayStringConcat(arrayMap(by -> multiIf(by = 'process', process, by = 'department', department, class), splitByChar(',', {by:String})), '\x1F'),
        'all') AS key,
    bucket,
    n, hits, overdue, mean, median, p75, p90, p95, total,
    parted, waiting_mean, waiting_median, waiting_p90, waiting_total, processing_mean, processing_median, processing_p90, processing_total
FROM metric_points
WHERE build IN {builds:Array(String)}
    AND (metric = '' OR metric = {metric:String})
    AND (metric = '' OR (
        clock = {clock:String} AND node = {node:UInt8}
        AND (empty({process:Array(String)}) OR process IN {process:Array(String)})
        AND (empty({department:Array(String)}) OR department IN {department:Array(String)})
        AND (empty({class:Array(String)}) OR class IN {class:Array(String)})
        AND if({by:String} IN ('stage', 'kind', 'limit'), startsWith(item, {item:String}), item = {item:String})))
ORDER BY key, bucket
