-- One row a case that limits may hold for, which is any that is not withdrawn, with what they go by.
-- It stands on asked_limits.sql. Duplicates: FINAL leaves one row an event id.
limit_events AS
(
    SELECT
        process,
        case_id,
        toUnixTimestamp64Milli(time) AS instant,
        place_of(instant, sequence, event_id) AS place,
        stage,
        toString(action) AS act,
        department AS department_then,
        class AS class_then,
        toUnixTimestamp64Milli(due_at) AS due,
        arrayMap(name -> attributes[name], limit_attributes) AS values_then,
        transform(step_name(process, stage, act), arrayPushBack(limit_steps, ''), arrayEnumerate(arrayPushBack(limit_steps, '')), 0) AS step,
        assume_complete,
        process IN {defined:Array(String)} AS is_defined,
        if(is_defined, (process, stage, act) IN {ends:Array(Tuple(String, String, String))}, act != 'withdraw') AS is_end
    FROM task_events FINAL
    WHERE process IN (SELECT process FROM asked_limits)
),
limit_cases AS
(
    SELECT
        process,
        case_id,
        min(instant) AS started,
        maxIf(instant, is_end) AS last_end,
        argMaxIf(act = 'withdraw', place, is_end OR act = 'withdraw') AS is_withdrawn,
        max(is_end) AND max(is_defined OR assume_complete OR act = 'close') AND NOT is_withdrawn AS is_completed,
        argMaxIf(department_then, place, department_then NOT IN ('', '(missing)') AND (has(splitByChar(',', {by:String}), 'department') OR notEmpty({department:Array(String)}))) AS known_department,
        argMaxIf(class_then, place, class_then NOT IN ('', '(missing)')) AS known_class,
        if(known_department = '', '(missing)', known_department) AS department,
        if(known_class = '', '(missing)', known_class) AS class,
        argMinIf(due, place, due IS NOT NULL) AS original_due,
        argMaxIf(due, place, due IS NOT NULL) AS current_due,
        -- Of each attribute the last value that an event gives.
        argMaxForEach(values_then, arrayMap(value -> if(value = '', '', place), values_then)) AS known_values,
        groupArrayIf((instant, step), step > 0) AS taken
    FROM limit_events
    GROUP BY process, case_id
    HAVING NOT is_withdrawn
)
