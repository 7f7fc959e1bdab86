-- What is known of some cases: the filter on the ids reaches the primary key.
SELECT
    lives.process AS process,
    lives.case_id AS case_id,
    lives.started AS started,
    lives.department AS department,
    lives.class AS class,
    done.is_completed AS is_completed,
    done.completed AS completed,
    if(done.is_completed, done.end_stage, lives.last_stage) AS stage,
    toUInt64(if(done.is_completed, done.returns, lives.returns)) AS returns, -- a case as the facts have it counts in fewer bits
    found.faults AS faults
FROM (SELECT * FROM lives WHERE (process, case_id) IN {ids:Array(Tuple(String, String))}) AS lives
LEFT JOIN
(
    SELECT
        process,
        case_id,
        true AS is_completed,
        completed,
        arrayFirst(event -> event.1 = end_place, history).3 AS end_stage,
        arrayCount(event -> event.1 < end_place AND event.4 = 'return', history) AS returns
    FROM cases
    WHERE (process, case_id) IN {ids:Array(Tuple(String, String))}
) AS done ON done.process = lives.process AND done.case_id = lives.case_id
LEFT JOIN
(
    SELECT process, case_id, count() AS faults
    FROM counted_faults
    WHERE (process, case_id) IN {ids:Array(Tuple(String, String))}
    GROUP BY process, case_id
) AS found ON found.process = lives.process AND found.case_id = lives.case_id
