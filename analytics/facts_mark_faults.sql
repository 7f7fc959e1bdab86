-- Marks the months in which a queued fault was found or reported.
INSERT INTO month_marks (from_month, mark)
SELECT toYear(first) * 12 + toMonth(first) - 1 AS from_month, {mark:UInt64}
FROM
(
    SELECT fault_id, fromUnixTimestamp64Milli(min(least(toUnixTimestamp64Milli(time), ifNull(toUnixTimestamp64Milli(found_at), toUnixTimestamp64Milli(time)))), 'UTC') AS first
    FROM fault_events
    WHERE {everything:Bool} OR fault_id IN (SELECT fault_id FROM fault_changes WHERE _part IN {fault_parts:Array(String)})
    GROUP BY fault_id
)
GROUP BY from_month
