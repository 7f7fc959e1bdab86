-- Duplicates: FINAL leaves one row an event id.
SELECT
    toUnixTimestamp64Milli(time) AS instant,
    office_time(instant) AS office,
    place_of(instant, sequence, event_id) AS place,
    stage,
    toString(action) AS action,
    actor,
    actor_department,
    due_at
FROM task_events FINAL
WHERE process IN {process:Array(String)} AND case_id = {case_id:String}
ORDER BY place
