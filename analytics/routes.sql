-- The route of a case is that of its class, else that of every class, in the version in force when
-- it started; route_version finds the version by that instant. A process without a route allows any way.
(SELECT arraySort(groupUniqArray(version_from)) FROM (SELECT version_from FROM process_routes UNION ALL SELECT toInt64(-9223372036854775808))) AS route_versions,
started -> roundDown(started, route_versions) AS route_version,
routes_of_class AS (SELECT process, class, version_from, stages AS route, may_skip, may_repeat FROM process_routes WHERE class != ''),
routes_of_every_class AS (SELECT process, version_from, stages AS route, may_skip, may_repeat FROM process_routes WHERE class = ''),
-- Where a walk, the stages visited one after the other, leaves its route: an array of (kind, stage,
-- number of the visit, 0 where there is none). A visit is at fault once at most: it is foreign, or
-- repeated, or the first to its stage and too late, after a stage that comes later in the route.
(walk, route, may_skip, may_repeat) -> arrayConcat(
    arrayFilter(fault -> fault.1 != '', arrayMap((stage, visit, number) -> (multiIf(
            NOT has(route, stage), 'foreign',
            visit > 1, if(has(may_repeat, stage), '', 'repeated'),
            arrayExists(before -> indexOf(route, before) > indexOf(route, stage), arraySlice(walk, 1, number - 1)), 'out_of_order',
            ''), stage, number),
        walk, arrayEnumerateUniq(walk), arrayEnumerate(walk))),
    arrayMap(stage -> ('missing', stage, 0), arrayFilter(stage -> NOT has(may_skip, stage) AND NOT has(walk, stage), route))) AS deviations_of
