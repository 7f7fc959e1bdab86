-- Every case, whatever became of it: `gone` is when it was completed or withdrawn for good, and
-- nothing (the largest instant) while it is open. Duplicates: FINAL leaves one row an event id.
whole AS
(
    SELECT
        process,
        case_id,
        toUnixTimestamp64Milli(time) AS instant,
        place_of(instant, sequence, event_id) AS place,
        stage,
        action,
        department AS department_then,
        class AS class_then,
        process IN {defined:Array(String)} AS is_defined,
        if(is_defined, (process, stage, toString(action)) IN {ends:Array(Tuple(String, String, String))}, action != 'withdraw') AS is_end,
        is_defined OR assume_complete OR action = 'close' AS is_closed
    FROM task_events FINAL
    WHERE empty({process:Array(String)}) OR process IN {process:Array(String)}
),
lives AS
(
    SELECT
        process,
        case_id,
        min(instant) AS started,
        max(instant) AS last_seen,
        -- A withdrawal after the last end takes the case away; an end after a withdrawal completes it.
        multiIf(
            max(is_end) AND max(is_closed) AND NOT argMaxIf(action = 'withdraw', place, is_end OR action = 'withdraw'), maxIf(instant, is_end),
            argMaxIf(action = 'withdraw', place, is_end OR action = 'withdraw'), maxIf(instant, action = 'withdraw'),
            toInt64(9223372036854775807)) AS gone,
        argMaxIf(department_then, place, department_then NOT IN ('', '(missing)')) AS known_department,
        argMaxIf(class_then, place, class_then NOT IN ('', '(missing)')) AS known_class,
        if(known_department = '', '(missing)', known_department) AS department,
        if(known_class = '', '(missing)', known_class) AS class,
        argMax(stage, place) AS last_stage,
        countIf(action = 'return') AS returns
    FROM whole
    GROUP BY process, case_id
),
-- One row a case and bucket at whose end it was open.
open_cases AS
(
    SELECT
        multiIf({by:String} = 'process', process, {by:String} = 'department', department, {by:String} = 'class', class,
            {by:String} LIKE '%,%', arrayStringConcat(arrayMap(by -> multiIf(by = 'process', process, by = 'department', department, class), splitByChar(',', {by:String})), '\x1F'), 'all') AS key,
        moment.1 AS bucket,
        process,
        case_id,
        started,
        moment.2 AS at
    FROM lives
    ARRAY JOIN arrayFilter(m -> started < m.2 AND gone >= m.2, arrayMap((start, end) -> (start, least(end, {now:Int64})), {starts:Array(Int64)}, {bucket_ends:Array(Int64)})) AS moment
    WHERE (empty({department:Array(String)}) OR department IN {department:Array(String)})
        AND (empty({class:Array(String)}) OR class IN {class:Array(String)})
)
