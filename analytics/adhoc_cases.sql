-- Supplies that were bought out of turn: an order is what the last event says that says it.
-- Duplicates: FINAL leaves one row an event id.
adhoc_cases AS
(
    SELECT process, case_id
    FROM (SELECT process, case_id, attributes['order'] AS order_then, place_of(toUnixTimestamp64Milli(time), sequence, event_id) AS place FROM task_events FINAL WHERE process = 'supplies')
    GROUP BY process, case_id
    HAVING argMaxIf(order_then, place, order_then != '') = 'ad_hoc'
)
