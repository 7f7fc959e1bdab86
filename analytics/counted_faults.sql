-- One row a fault that counts: its latest report says confirmed or corrected. Duplicates: FINAL
-- leaves one row an event id, and argMax goes by an event's place. What later reports leave out,
-- earlier ones have said.
counted_faults AS
(
    SELECT
        argMax(r.process, place) AS process,
        argMaxIf(r.case_id, place, r.case_id != '') AS case_id,
        argMax(r.kind, place) AS kind,
        argMaxIf(r.stage, place, r.stage != '') AS known_stage,
        argMaxIf(r.department, place, r.department NOT IN ('', '(missing)')) AS known_department,
        if(known_stage = '', '(missing)', known_stage) AS stage,
        if(known_department = '', '(missing)', known_department) AS department,
        ifNull(argMinIf(r.found_instant, place, r.found_instant IS NOT NULL), min(r.instant)) AS found
    FROM
    (
        SELECT
            *,
            toUnixTimestamp64Milli(time) AS instant,
            toUnixTimestamp64Milli(found_at) AS found_instant,
            place_of(instant, sequence, event_id) AS place
        FROM fault_events FINAL
    ) AS r
    GROUP BY r.fault_id
    HAVING argMax(r.status, place) IN ('confirmed', 'corrected')
)
