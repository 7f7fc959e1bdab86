-- What has become of a case. It ends with its completion, its withdrawal or, while it is open, now
-- (but not before its last event, which may be dated later).
SELECT
    one.started AS started,
    if(one.gone = 9223372036854775807, greatest({now:Int64}, one.last_seen), one.gone) AS ended,
    multiIf(done.is_completed, 'completed', one.gone = 9223372036854775807, 'open', 'withdrawn') AS state,
    done.end_place AS end_place,
    one.department AS department,
    one.class AS class,
    ended - started AS elapsed,
    office_time(ended) - office_time(started) AS working
FROM (SELECT * FROM lives WHERE case_id = {case_id:String}) AS one
LEFT JOIN (SELECT process, case_id, true AS is_completed, end_place FROM cases WHERE case_id = {case_id:String}) AS done
    ON done.process = one.process AND done.case_id = one.case_id
