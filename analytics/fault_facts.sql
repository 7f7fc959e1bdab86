-- Computes the rows of fault_facts anew of the faults that are queued, or of all. What a fault is, is
-- said in counted_faults.sql. Duplicates: FINAL leaves one row an event id.
INSERT INTO fault_facts (fault_id, process, case_id, kind, stage, department, found, counts, version)
SELECT
    r.fault_id,
    argMax(r.process, place) AS process,
    argMaxIf(r.case_id, place, r.case_id != '') AS case_id,
    argMax(r.kind, place) AS kind,
    if(argMaxIf(r.stage, place, r.stage != '') AS known_stage = '', '(missing)', known_stage) AS stage,
    if(argMaxIf(r.department, place, r.department NOT IN ('', '(missing)')) AS known_department = '', '(missing)', known_department) AS department,
    ifNull(argMinIf(r.found_instant, place, r.found_instant IS NOT NULL), min(r.instant)) AS found,
    argMax(r.status, place) IN ('confirmed', 'corrected') AS counts,
    sum(toUInt64(toUnixTimestamp64Milli(r.stored_at))) AS version
FROM
(
    WITH (instant, sequence, event_id) -> concat(leftPad(toString(instant + 2300000000000), 14, '0'), sequence, '\0', event_id) AS place_of
    SELECT
        *,
        toUnixTimestamp64Milli(time) AS instant,
        toUnixTimestamp64Milli(found_at) AS found_instant,
        place_of(toUnixTimestamp64Milli(time), sequence, event_id) AS place
    FROM fault_events FINAL
    WHERE {everything:Bool} OR fault_id IN (SELECT fault_id FROM fault_changes WHERE _part IN {fault_parts:Array(String)})
) AS r
GROUP BY r.fault_id
