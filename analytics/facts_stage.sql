-- Computes the rows of case_facts anew of the cases that are queued, or of all, beside what was known
-- of them. What a case and a fault is, is said in lives.sql, limit_cases.sql and counted_faults.sql.
-- Duplicates: FINAL leaves one row an event id.
INSERT INTO case_stage (run, old_places, differs_from, process, department, case_id, class, state, quarter, started, completed, gone, last_seen, end_index, last_stage, returns, instants, stages, actions, actors, original_due, current_due, attributes, invited, missed, fault_kinds, fault_stages, version)
WITH
    toInt64(9223372036854775807) AS never,
    (instant, sequence, event_id) -> concat(leftPad(toString(instant + 2300000000000), 14, '0'), sequence, '\0', event_id) AS place_of,
    instant -> toYear(fromUnixTimestamp64Milli(instant, 'UTC')) * 12 + toMonth(fromUnixTimestamp64Milli(instant, 'UTC')) - 1 AS month_of,
    queued AS
    (
        SELECT process, case_id FROM task_changes WHERE _part IN {task_parts:Array(String)}
        UNION DISTINCT
        SELECT process, case_id FROM fault_events
        WHERE case_id != '' AND fault_id IN (SELECT fault_id FROM fault_changes WHERE _part IN {fault_parts:Array(String)})
    ),
    reports AS
    (
        SELECT
            r.fault_id AS fault,
            groupUniqArray((r.process, r.case_id)) AS named,
            (argMax(r.process, place), argMaxIf(r.case_id, place, r.case_id != '')) AS of_case,
            argMax(r.kind, place) AS kind,
            argMaxIf(r.stage, place, r.stage != '') AS known_stage,
            if(known_stage = '', '(missing)', known_stage) AS stage,
            argMax(r.status, place) IN ('confirmed', 'corrected') AS counts,
            sum(toUInt64(toUnixTimestamp64Milli(r.stored_at))) AS stored
        FROM
        (
            SELECT *, place_of(toUnixTimestamp64Milli(time), sequence, event_id) AS place
            FROM fault_events FINAL
            WHERE {everything:Bool} OR fault_id IN (SELECT fault_id FROM fault_events WHERE (process, case_id) IN (SELECT process, case_id FROM queued))
        ) AS r
        GROUP BY r.fault_id
    ),
    -- A report that names another case than the last one did still counts for the version.
    faults AS
    (
        SELECT
            one.1 AS process,
            one.2 AS case_id,
            arraySort(groupArrayIf((fault, kind, stage), counts AND of_case = one)) AS counted,
            sum(stored) AS stored
        FROM reports
        ARRAY JOIN named AS one
        WHERE one.2 != ''
        GROUP BY process, case_id
    ),
    made AS
    (
        SELECT
            process,
            case_id,
            argMaxIf(department_then, place, department_then NOT IN ('', '(missing)')) AS known_department,
            argMaxIf(class_then, place, class_then NOT IN ('', '(missing)')) AS known_class,
            argMaxIf(act = 'withdraw', place, is_end OR act = 'withdraw') AS is_withdrawn,
            max(is_end) AND max(is_closed) AND NOT is_withdrawn AS is_completed,
            min(instant) AS began,
            max(instant) AS seen,
            maxIf(instant, is_end) AS last_end,
            maxIf(instant, act = 'withdraw') AS withdrawn_at,
            maxIf(place, is_end) AS end_place,
            arraySort(groupArray((place, instant, stage_then, act, actor))) AS history,
            arraySort(groupArrayIf((place, mapKeys(noted), mapValues(noted)), notEmpty(noted))) AS notes,
            argMinIf(due, place, due IS NOT NULL) AS first_due,
            argMaxIf(due, place, due IS NOT NULL) AS last_due,
            argMaxIf(invited_then, place, invited_then IS NOT NULL) AS last_invited,
            argMaxIf(missed_then, place, missed_then IS NOT NULL) AS last_missed,
            sum(toUInt64(toUnixTimestamp64Milli(stored_at))) AS stored
        FROM
        (
            SELECT
                process,
                case_id,
                toUnixTimestamp64Milli(time) AS instant,
                place_of(instant, sequence, event_id) AS place,
                stage AS stage_then,
                action AS act,
                multiIf(actor_department NOT IN ('', '(missing)'), actor_department, department != '', department, '(missing)') AS actor,
                department AS department_then,
                class AS class_then,
                toUnixTimestamp64Milli(due_at) AS due,
                attributes AS noted,
                if(process = 'meeting' AND match(attributes['invited'], '^[0-9]{1,6}$'), toUInt64OrNull(attributes['invited']), NULL) AS invited_then,
                if(process = 'meeting' AND stage = 'notice' AND match(attributes['missed'], '^[0-9]{1,6}$'), toUInt64OrNull(attributes['missed']), NULL) AS missed_then,
                stored_at,
                process IN {defined:Array(String)} AS is_defined,
                if(is_defined, (process, stage, toString(action)) IN {ends:Array(Tuple(String, String, String))}, action != 'withdraw') AS is_end,
                is_defined OR assume_complete OR action = 'close' AS is_closed
            FROM task_events FINAL
            WHERE {everything:Bool} OR (process, case_id) IN (SELECT process, case_id FROM queued)
        )
        GROUP BY process, case_id
    ),
    fresh AS
    (
        SELECT
            made.process AS process,
            made.case_id AS case_id,
            if(known_department = '', '(missing)', known_department) AS department,
            if(known_class = '', '(missing)', known_class) AS class,
            multiIf(is_completed, 'completed', is_withdrawn, 'withdrawn', 'open') AS state,
            multiIf(is_completed, last_end, is_withdrawn, withdrawn_at, never) AS gone,
            if(gone = never, 65535, intDiv(month_of(gone), 3)) AS quarter,
            began AS started,
            if(is_completed, last_end, 0) AS completed,
            seen AS last_seen,
            if(is_completed, indexOf(history.1, end_place), 0) AS end_index,
            history[-1].3 AS last_stage,
            countEqual(history.4, 'return') AS returns,
            history.2 AS instants,
            history.3 AS stages,
            history.4 AS actions,
            history.5 AS actors,
            first_due AS original_due,
            last_due AS current_due,
            -- Of each attribute the last value that an event gives.
            arrayFilter(pair -> pair.2 != '', arrayReverse(arrayZip(arrayFlatten(notes.2), arrayFlatten(notes.3)))) AS pairs,
            arrayFilter((pair, nth) -> nth = 1, pairs, arrayEnumerateUniq(pairs.1)) AS known,
            CAST(mapFromArrays(known.1, known.2), 'Map(LowCardinality(String), String)') AS attributes,
            last_invited AS invited,
            last_missed AS missed,
            CAST(faults.counted.2, 'Array(LowCardinality(String))') AS fault_kinds,
            CAST(faults.counted.3, 'Array(LowCardinality(String))') AS fault_stages,
            made.stored + faults.stored AS version
        FROM made
        LEFT JOIN faults ON faults.process = made.process AND faults.case_id = made.case_id
    ),
    old AS
    (
        SELECT
            process,
            case_id,
            groupUniqArray((quarter, toString(department))) AS places,
            argMax((started, completed, state, arrayZip(instants, stages, actions, actors),
                (toString(department), toString(class), original_due, current_due, mapSort(attributes), invited, missed), arrayZip(fault_kinds, fault_stages)), version) AS row
        FROM case_facts
        WHERE NOT {everything:Bool} AND is_deleted = 0 AND case_id IN (SELECT case_id FROM queued) AND (process, case_id) IN (SELECT process, case_id FROM queued)
        GROUP BY process, case_id
    )
SELECT run, old_places, differs_from, process, department, case_id, class, state, quarter, started, completed, gone, last_seen, end_index, last_stage, returns,
    instants, stages, actions, actors, original_due, current_due, attributes, invited, missed, fault_kinds, fault_stages, version
FROM
(
SELECT
    {run:String} AS run,
    places AS old_places,
    -- The first instant from which on a figure may differ. What a case is about, and when it began, counts
    -- from its beginning; its history, from its first difference; whatever it is, at its completion.
    arrayMin(arrayConcat(
        [never],
        if(is_new OR about != about_before OR started != started_before OR (events != events_before AND empty(events_differ)), [started, if(is_new, never, started_before)], []),
        events_differ)) AS first_difference,
    if(first_difference = never AND found = found_before AND toString(state) = toString(state_before) AND completed = completed_before, never,
        arrayMin([first_difference, if(toString(state) = 'completed', completed, never), if(NOT is_new AND toString(state_before) = 'completed', completed_before, never)])) AS differs_from,
    process, department, case_id, class, state, quarter, started, completed, gone, last_seen, end_index, last_stage, returns,
    instants, stages, actions, actors, original_due, current_due, attributes, invited, missed, fault_kinds, fault_stages, version
FROM
(
    SELECT
        fresh.*,
        old.places AS places,
        empty(old.places) AS is_new,
        arrayZip(fresh.instants, fresh.stages, fresh.actions, fresh.actors) AS events,
        (toString(fresh.department), toString(fresh.class), fresh.original_due, fresh.current_due, mapSort(fresh.attributes), fresh.invited, fresh.missed) AS about,
        arrayZip(fresh.fault_kinds, fresh.fault_stages) AS found,
        old.row.1 AS started_before, old.row.2 AS completed_before, old.row.3 AS state_before, old.row.4 AS events_before, old.row.5 AS about_before, old.row.6 AS found_before,
        arrayMap(e -> e.1, arrayConcat(arrayFilter(e -> NOT has(events_before, e), events), arrayFilter(e -> NOT has(events, e), events_before))) AS events_differ
    FROM fresh
    LEFT JOIN old ON old.process = fresh.process AND old.case_id = fresh.case_id
)
)
