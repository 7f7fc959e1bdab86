-- How far the facts have come, what waits for them, and what has changed. Duplicates: maxima and the
-- row of the largest generation only, so a row that was stored twice is the same row.
SELECT
    state.generation AS generation,
    state.rules AS rules,
    state.as_of AS as_of,
    (SELECT max(produced_at) FROM log_coverage) AS stored,
    parts.queued AS queued,
    parts.answers AS answers,
    (SELECT mapFromArrays(groupArray(from_month), groupArray(newest)) FROM (SELECT from_month, max(mark) AS newest FROM month_marks GROUP BY from_month)) AS marks
FROM
(
    SELECT max(facts_state.generation) AS generation, argMax(facts_state.rules, facts_state.generation) AS rules, argMax(facts_state.as_of, facts_state.generation) AS as_of
    FROM facts_state
) AS state
CROSS JOIN
(
    SELECT
        sumIf(held, table IN ('task_changes', 'fault_changes')) AS queued,
        toString(groupArrayIf((table, newest, held), table NOT IN ('task_changes', 'fault_changes'))) AS answers
    FROM
    (
        SELECT table, max(max_block_number) AS newest, sum(rows) AS held
        FROM system.parts
        WHERE active AND database = currentDatabase() AND (table IN ('task_changes', 'fault_changes', 'answer_events') OR startsWith(table, 'survey_'))
        GROUP BY table
        ORDER BY table
    )
) AS parts
