SELECT
    key,
    bucket,
    count() AS n,
    round(avg(spent)) / 1000 AS mean,
    round(quantileExactInclusive(0.5)(spent)) / 1000 AS median,
    round(quantileExactInclusive(0.75)(spent)) / 1000 AS p75,
    round(quantileExactInclusive(0.9)(spent)) / 1000 AS p90,
    round(quantileExactInclusive(0.95)(spent)) / 1000 AS p95,
    sum(spent) / 1000 AS total
FROM
(
    SELECT
        if({by:String} = 'stage', visit.1, key) AS key,
        bucket,
        reading(visit.3) - reading(visit.2) AS spent
    FROM
    (
        SELECT
            key,
            bucket,
            -- The way to the end, which belongs to it whatever its action is.
            arrayFilter(event -> event.1 < end_place AND event.4 NOT IN ('comment', 'remind') OR event.1 = end_place, history) AS way,
            -- A visit ends with the last of consecutive events in one stage, and begins where the visit
            -- before it ended: no second of the lead time is lost or counted twice. No stage is ''.
            arrayFilter((event, following) -> event.3 != following, way, arrayPushBack(arrayPopFront(way.3), '')) AS leaving,
            arrayZip(leaving.3, arrayPushFront(arrayPopBack(leaving.2), started), leaving.2) AS visits
        FROM chosen
    )
    ARRAY JOIN visits AS visit
    WHERE empty({stage:Array(String)}) OR visit.1 IN {stage:Array(String)}
)
GROUP BY key, bucket
ORDER BY key, bucket
