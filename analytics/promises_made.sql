-- One row a case and limit that holds for it, whatever became of the case, unless it is withdrawn.
-- It stands on asked_limits.sql and limit_cases.sql.
--
-- `begun` is when the limit began to run, `done` when what it asks for was done, and never (the
-- largest instant) as long as it is not; `settled` is when that can no longer change for the
-- better: done or, undone, the completion of the case.
promises_made AS
(
    SELECT
        process,
        case_id,
        department,
        limit_cases.class AS class,
        limit_key,
        -- A matrix is by two things, see cases.sql.
        arrayStringConcat(arrayMap(by -> multiIf(by = 'process', process, by = 'department', department, by = 'class', limit_cases.class, by = 'limit', concat(process, '/', limit_key), 'all'), splitByChar(',', {by:String})), '\x1F') AS key,
        form,
        clock,
        amount,
        toInt64(9223372036854775807) AS never,
        if(begin_step = 0, started, arrayMin(arrayPushBack(arrayFilter((at, step) -> step = begin_step, taken.1, taken.2), never))) AS begun,
        if(empty(end_steps),
            if(is_completed, last_end, never),
            arrayMax(arrayMap(end_step -> arrayMin(arrayPushBack(arrayFilter((at, step) -> step = end_step AND at >= begun, taken.1, taken.2), never)), end_steps))) AS done,
        if(done = never AND is_completed, last_end, done) AS settled,
        known_values[indexOf(limit_attributes, promise_of)] AS planned,
        multiIf(
            form = 'before', if(match(planned, '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$'), toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(planned, 3, 'UTC')), NULL),
            form = 'due_at', if(promise_of = 'original', original_due, current_due),
            0) AS known_promised,
        ifNull(known_promised, 0) AS promised
    FROM limit_cases
    INNER JOIN
    (
        SELECT
            *,
            if(begins.1 = '', 0, indexOf(limit_steps, step_name(process, begins.1, begins.2))) AS begin_step,
            arrayMap(step -> indexOf(limit_steps, step_name(process, step.1, step.2)), ends) AS end_steps
        FROM asked_limits
    ) AS asked_limits USING (process)
    WHERE holds_from <= started AND started < holds_to
        AND asked_limits.class IN ('', limit_cases.class)
        AND arrayAll(pair -> known_values[indexOf(limit_attributes, pair.1)] = pair.2, attributes)
        AND begun != never
        AND known_promised IS NOT NULL
        AND (empty({department:Array(String)}) OR department IN {department:Array(String)})
        AND (empty({class:Array(String)}) OR limit_cases.class IN {class:Array(String)})
),
-- What the office did with them, one row a promise and bucket in which it counts: once in the
-- bucket in which it was settled, and in each at whose end it stood open and overdue.
judged AS
(
    SELECT
        process,
        case_id,
        department,
        class,
        limit_key,
        key,
        begun,
        done,
        done != never AS is_done,
        moment.1 AS bucket,
        moment.3 AS is_open,
        limit_kept(form, clock, amount, begun, moment.2, promised) AS is_kept
    FROM promises_made
    ARRAY JOIN arrayConcat(
        -- A step left out of a completed case is late once its time has passed, not before.
        if(settled >= {from:Int64} AND settled < {to:Int64}, [(roundDown(settled, {starts:Array(Int64)}), if(done = never, {now:Int64}, done), false)], []),
        arrayMap(m -> (m.1, m.2, true), arrayFilter(m -> m.1 < {now:Int64} AND begun < m.2 AND settled >= m.3,
            arrayMap((start, end) -> (start, least(end, {now:Int64}), end), {starts:Array(Int64)}, {bucket_ends:Array(Int64)})))) AS moment
    WHERE (is_done AND NOT is_open) OR NOT is_kept
)
