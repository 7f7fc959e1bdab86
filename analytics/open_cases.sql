-- One row a case and bucket at whose end it was open.
open_cases AS
(
    SELECT
        multiIf({by:String} = 'process', process, {by:String} = 'department', department, {by:String} = 'class', class,
            {by:String} LIKE '%,%', arrayStringConcat(arrayMap(by -> multiIf(by = 'process', process, by = 'department', department, class), splitByChar(',', {by:String})), '\x1F'), 'all') AS key,
        moment.1 AS bucket,
        process,
        case_id,
        department,
        class,
        started,
        moment.2 AS at
    FROM lives
    ARRAY JOIN arrayFilter(m -> started < m.2 AND gone >= m.2, arrayMap((start, end) -> (start, least(end, {now:Int64})), {starts:Array(Int64)}, {bucket_ends:Array(Int64)})) AS moment
    WHERE (empty({department:Array(String)}) OR department IN {department:Array(String)})
        AND (empty({class:Array(String)}) OR class IN {class:Array(String)})
)
