-- What the handbook promises, one row a promise and version. A case is judged by the version in
-- force when it started: version_from <= started AND started < version_to, both milliseconds
-- since 1970; the oldest version holds before it as well.
--
-- process_limits: `limit_key` holds for cases of `process`, of `class` unless that is '', whose attributes have
-- all of `attributes`. It runs from the first occurrence of `begins` (the case's first event if
-- its stage is '') to the first occurrence since then of each of `ends`, the last of them counting
-- (the case's completion if there are none). form, clock and amount are for limit_kept in
-- clock_limit.sql; promise_of names what its last argument is: for 'before' the attribute with the
-- planned time in RFC 3339, for 'due_at' 'original' (the first due date of the case's events) or
-- 'current' (the last). Without such an attribute or date the limit does not hold for the case.
process_limits AS
(
    SELECT
        promise.1 AS process,
        promise.2 AS limit_key,
        promise.3 AS class,
        promise.4 AS attributes,
        promise.5 AS begins,
        promise.6 AS ends,
        promise.7 AS form,
        promise.8 AS clock,
        promise.9 AS amount,
        promise.10 AS promise_of,
        promise.11 AS version_from,
        promise.12 AS version_to
    FROM (SELECT arrayJoin({limits:Array(Tuple(String, String, String, Array(Tuple(String, String)), Tuple(String, String), Array(Tuple(String, String)), String, String, Int64, String, Int64, Int64))}) AS promise)
),
-- process_routes: cases of `process` and `class` go through `stages` in this order, each once, but for those of
-- `may_skip` and `may_repeat`. The route of class '' is for the classes without one of their own.
process_routes AS
(
    SELECT
        promise.1 AS process,
        promise.2 AS class,
        promise.3 AS stages,
        promise.4 AS may_skip,
        promise.5 AS may_repeat,
        promise.6 AS version_from,
        promise.7 AS version_to
    FROM (SELECT arrayJoin({routes:Array(Tuple(String, String, Array(String), Array(String), Array(String), Int64, Int64))}) AS promise)
)
