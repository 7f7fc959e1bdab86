-- Puts staged rows into case_facts. Where a case lay elsewhere before, a row that says so stays there.
INSERT INTO case_facts
WITH place != (quarter_now, toString(department_now)) AS gone_from_here
SELECT
    process,
    place.2 AS department,
    case_id,
    class,
    state,
    place.1 AS quarter,
    started, completed, gone, last_seen, end_index, last_stage, returns,
    if(gone_from_here, [], instants) AS instants,
    if(gone_from_here, [], stages) AS stages,
    if(gone_from_here, [], actions) AS actions,
    if(gone_from_here, [], actors) AS actors,
    original_due, current_due,
    if(gone_from_here, map(), attributes) AS attributes,
    invited, missed, fault_kinds, fault_stages,
    version,
    gone_from_here AS is_deleted
FROM
(
    SELECT *, department AS department_now, quarter AS quarter_now
    FROM case_stage
    WHERE run = {run:String} AND (differs_from != 9223372036854775807 OR old_places != [(quarter, toString(department))])
) AS staged
ARRAY JOIN arrayDistinct(arrayPushFront(old_places, (quarter_now, toString(department_now)))) AS place
