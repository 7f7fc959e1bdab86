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
        max(is_end) AND max(is_closed) AND NOT argMaxIf(action = 'withdraw', place, is_end OR action = 'withdraw') AS is_completed,
        -- A withdrawal after the last end takes the case away; an end after a withdrawal completes it.
        multiIf(
            is_completed, maxIf(instant, is_end),
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
)
