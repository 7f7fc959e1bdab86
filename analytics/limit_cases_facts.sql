-- The cases that limits may hold for as case_facts has them, in the form of limit_cases.sql; none of
-- which nothing was heard since the period began. Duplicates: FINAL leaves one row a case.
limit_cases AS
(
    SELECT
        process,
        case_id,
        started,
        completed AS last_end,
        state = 'completed' AS is_completed,
        department,
        class,
        original_due,
        current_due,
        arrayMap(name -> attributes[name], limit_attributes) AS known_values,
        arrayFilter(step -> step.2 > 0, arrayMap(
            (instant, stage, action) -> (instant, transform(step_name(process, stage, toString(action)), arrayPushBack(limit_steps, ''), arrayEnumerate(arrayPushBack(limit_steps, '')), 0)),
            instants, stages, actions)) AS taken
    FROM case_facts FINAL
    WHERE state != 'withdrawn'
        AND (state = 'open' OR last_seen >= {from:Int64})
        AND process IN (SELECT process FROM asked_limits)
        AND (empty({department:Array(String)}) OR department IN {department:Array(String)})
)
