-- Those that adhoc_purchase_share.sql counts. Duplicates: FINAL leaves one row an event id.
picked AS
(
    SELECT process, case_id, started, completed AS until, reading(completed) - reading(started) AS spent, 1 AS things
    FROM chosen
    WHERE process = 'supplies' AND (process, case_id) IN (
        SELECT process, case_id
        FROM (SELECT process, case_id, attributes['order'] AS order_then, place_of(toUnixTimestamp64Milli(time), sequence, event_id) AS place FROM task_events FINAL WHERE process = 'supplies')
        GROUP BY process, case_id
        HAVING argMaxIf(order_then, place, order_then != '') = 'ad_hoc'
    )
)
