-- The visits of the chosen cases to their stages, each with its time on the clock. A visit ends
-- with the last of consecutive events in one stage, and begins where the visit before it ended: no
-- second of the lead time is lost or counted twice. No stage is ''.
visits AS
(
    SELECT key, bucket, process, case_id, visit.1 AS stage, reading(visit.3) - reading(visit.2) AS spent
    FROM
    (
        SELECT
            key,
            bucket,
            process,
            case_id,
            -- The way to the end, which belongs to it whatever its action is.
            arrayFilter(event -> event.1 < end_place AND event.4 NOT IN ('comment', 'remind') OR event.1 = end_place, history) AS way,
            arrayFilter((event, following) -> event.3 != following, way, arrayPushBack(arrayPopFront(way.3), '')) AS leaving,
            arrayZip(leaving.3, arrayPushFront(arrayPopBack(leaving.2), started), leaving.2) AS all_visits
        FROM chosen
    )
    ARRAY JOIN all_visits AS visit
)
