SELECT
    stages,
    sum(cases) AS taken,
    sum(taken) OVER () AS n,
    sum(taken) OVER (ORDER BY taken DESC, stages ROWS UNBOUNDED PRECEDING) AS covered,
    countIf(has_route) AS routes,
    countIf(has_route AND NOT allowed) AS broken
FROM
(
    SELECT
        stages,
        cases,
        notEmpty(own.route) OR notEmpty(every.route) AS has_route,
        if(notEmpty(own.route), (own.route, own.may_skip, own.may_repeat), (every.route, every.may_skip, every.may_repeat)) AS way_to_take,
        empty(deviations_of(arrayCompact(stages), way_to_take.1, way_to_take.2, way_to_take.3)) AS allowed
    FROM
    (
        -- Few ways are taken by many cases: the route is looked up once for each.
        SELECT steps.3 AS stages, process, class, route_version(started) AS version, count() AS cases
        FROM chosen
        GROUP BY stages, process, class, version
    ) AS way
    LEFT ANY JOIN routes_of_class AS own ON own.process = way.process AND own.class = way.class AND own.version_from = way.version
    LEFT ANY JOIN routes_of_every_class AS every ON every.process = way.process AND every.version_from = way.version
)
GROUP BY stages
ORDER BY taken DESC, stages
LIMIT {limit:UInt64}
