-- Those that adhoc_purchase_share.sql counts.
picked AS
(
    SELECT process, case_id, started, completed AS until, reading(completed) - reading(started) AS spent, 1 AS things
    FROM chosen
    WHERE process = 'supplies' AND (process, case_id) IN (SELECT process, case_id FROM adhoc_cases)
)
