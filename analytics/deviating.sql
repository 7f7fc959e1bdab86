-- Where the chosen cases left their routes: one row a deviation, (kind, stage, number of the visit),
-- with the time on the clock that it cost, and one of no kind for each case that has a route.
deviating AS
(
    SELECT process, case_id, started, completed, deviation, if(deviation.3 = 0, 0, spent[deviation.3]) AS cost
    FROM
    (
        SELECT
            chosen.process AS process,
            chosen.case_id AS case_id,
            chosen.started AS started,
            chosen.completed AS completed,
            -- The visits of visits.sql, which are those of the stage time, in their order.
            arrayFilter(event -> event.1 < end_place AND event.4 NOT IN ('comment', 'remind') OR event.1 = end_place, history) AS way,
            arrayFilter((event, following) -> event.3 != following, way, arrayPushBack(arrayPopFront(way.3), '')) AS leaving,
            arrayMap((began, ended) -> reading(ended) - reading(began), arrayPushFront(arrayPopBack(leaving.2), chosen.started), leaving.2) AS spent,
            -- The first, of no kind, stands for the case itself.
            if(notEmpty(own.route), (own.route, own.may_skip, own.may_repeat), (every.route, every.may_skip, every.may_repeat)) AS allowed,
            arrayPushFront(deviations_of(leaving.3, allowed.1, allowed.2, allowed.3), ('', '', 0)) AS found
        FROM chosen
        LEFT ANY JOIN routes_of_class AS own ON own.process = chosen.process AND own.class = chosen.class AND own.version_from = route_version(chosen.started)
        LEFT ANY JOIN routes_of_every_class AS every ON every.process = chosen.process AND every.version_from = route_version(chosen.started)
        WHERE notEmpty(own.route) OR notEmpty(every.route)
    )
    ARRAY JOIN found AS deviation
)
