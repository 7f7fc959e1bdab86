-- The visits of the chosen cases to their stages, each with its time on the clock. A visit ends
-- with the last of consecutive events in one stage, and begins where the visit before it ended: no
-- second of the lead time is lost or counted twice. No stage is ''.
--
-- Where an event of the visit says that work was started, and another one follows it in the visit,
-- is_parted says that its time is known to be waiting and then processing. A start that nothing
-- follows says nothing: when the work was done is not known.
visits AS
(
    SELECT
        key,
        bucket,
        process,
        case_id,
        started,
        completed,
        visit.1 AS stage,
        reading(visit.3) - reading(visit.2) AS spent,
        begun.1 AS is_parted,
        reading(begun.2) - reading(visit.2) AS waiting,
        reading(visit.3) - reading(begun.2) AS processing
    FROM
    (
        SELECT
            key,
            bucket,
            process,
            case_id,
            started,
            completed,
            -- The way to the end, which belongs to it whatever its action is.
            arrayFilter(event -> event.1 < end_place AND event.4 NOT IN ('comment', 'remind') OR event.1 = end_place, history) AS way,
            arrayFilter((event, following) -> event.3 != following, way, arrayPushBack(arrayPopFront(way.3), '')) AS leaving,
            arrayZip(leaving.3, arrayPushFront(arrayPopBack(leaving.2), started), leaving.2) AS all_visits,
            arraySplit((event, before) -> event.3 != before, arrayZip(way.2, way.4, way.3), arrayPushFront(arrayPopBack(way.3), '')) AS runs,
            arrayMap(run -> (
                (arrayFirstIndex(event -> event.2 = 'start', run) AS at) > 0 AND at < length(run),
                run[greatest(1, at)].1), runs) AS beginnings
        FROM chosen
    )
    ARRAY JOIN all_visits AS visit, beginnings AS begun
)
