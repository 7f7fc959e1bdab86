-- The events that there are. Duplicates: FINAL leaves one row an event id.
--
-- An instant is a number of milliseconds here. min and max of a DateTime64 take times before 1970
-- for the largest, once ClickHouse has compiled them, which it does after a few runs.
--
-- A case of a process that the handbook defines ends with the last of its `ends` steps. Any other
-- case ends with its last event that is no withdrawal, once it is closed.
events AS
(
    SELECT
        process,
        case_id,
        toUnixTimestamp64Milli(time) AS instant,
        place_of(instant, sequence, event_id) AS place,
        stage,
        action,
        if({actors:Bool}, multiIf(actor_department NOT IN ('', '(missing)'), actor_department, department != '', department, '(missing)'), '') AS actor,
        department AS department_then,
        class AS class_then,
        process IN {defined:Array(String)} AS is_defined,
        if(is_defined, (process, stage, toString(action)) IN {ends:Array(Tuple(String, String, String))}, action != 'withdraw') AS is_end,
        is_defined OR assume_complete OR action = 'close' AS is_closed
    FROM task_events FINAL
    WHERE empty({process:Array(String)}) OR process IN {process:Array(String)}
),
-- One row a completed case, whatever the period. A case whose last word, of the ends and the
-- withdrawals, is a withdrawal, is withdrawn. Department and class are the last that are known;
-- they cost as much as the rest and are left at '(missing)' where the question does not ask.
cases AS
(
    SELECT
        process,
        case_id,
        min(instant) AS started,
        maxIf(instant, is_end) AS completed,
        maxIf(place, is_end) AS end_place,
        argMaxIf(department_then, place, department_then NOT IN ('', '(missing)') AND (has(splitByChar(',', {by:String}), 'department') OR notEmpty({department:Array(String)}))) AS known_department,
        argMaxIf(class_then, place, class_then NOT IN ('', '(missing)') AND (has(splitByChar(',', {by:String}), 'class') OR notEmpty({class:Array(String)}))) AS known_class,
        if(known_department = '', '(missing)', known_department) AS department,
        if(known_class = '', '(missing)', known_class) AS class,
        arraySort(groupArray((place, instant, stage, action, actor))) AS history
    FROM events
    GROUP BY process, case_id
    HAVING max(is_end) AND max(is_closed) AND NOT argMaxIf(action = 'withdraw', place, is_end OR action = 'withdraw')
)
