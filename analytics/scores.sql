-- Duplicates: FINAL leaves one row an event id; of the events of one answer the latest holds.
-- Of a wave that is not closed nothing is read: people were promised so.
answers AS
(
    SELECT
        r.answer_id AS answer_id,
        argMax(r.questionnaire, place) AS questionnaire,
        argMax(r.department, place) AS department,
        argMax(r.wave, place) AS wave,
        argMax(r.numbers, place) AS numbers,
        max(r.instant) AS given
    FROM (SELECT *, toUnixTimestamp64Milli(time) AS instant, place_of(instant, sequence, event_id) AS place FROM answer_events FINAL WHERE wave NOT IN {unready:Array(String)}) AS r
    GROUP BY r.answer_id
),
-- An item without weight does not count, nor does a value that the scale does not have.
rated AS
(
    SELECT
        department,
        (wave, toStartOfQuarter(fromUnixTimestamp64Milli(given, 'UTC'))) AS survey,
        given,
        sum(weight * points) / sum(weight) AS score
    FROM
    (
        SELECT
            answer_id,
            department,
            wave,
            given,
            if(mapContains({weights:Map(String, Map(String, Float64))}, questionnaire), {weights:Map(String, Map(String, Float64))}[questionnaire][item], 1) AS weight,
            {levels:Map(String, Map(String, Map(Int64, Float64)))}[questionnaire][item] AS item_levels,
            if(empty(item_levels), value, item_levels[toInt64(value)]) AS points,
            if(empty(item_levels), value BETWEEN 0 AND 100, mapContains(item_levels, toInt64(value)) AND value = floor(value)) AS on_scale
        FROM answers
        ARRAY JOIN mapKeys(numbers) AS item, mapValues(numbers) AS value
        WHERE {threshold:UInt64} = 0 OR wave NOT IN (SELECT wave FROM survey_waves)
    )
    WHERE weight > 0 AND on_scale
    GROUP BY answer_id, department, wave, given
),
-- A department with too few answers in a survey is hidden, and so is the next smallest until all
-- hidden ones together are enough: the rule of analytics/anonymity, which hides the smallest
-- first, so that how many answers come before a department says whether those are enough.
departments_of AS
(
    SELECT survey, department, n,
        sum(n) OVER (PARTITION BY survey ORDER BY n, department ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS smaller
    FROM (SELECT survey, department, count() AS n FROM rated GROUP BY survey, department)
),
-- All answers of a survey belong to the instant of its last, so that no period parts them.
scores AS
(
    SELECT department, if({threshold:UInt64} = 0, given, survey_given) AS given, 1 AS n, score AS mean, 0. AS variance
    FROM (SELECT *, max(given) OVER (PARTITION BY survey) AS survey_given FROM rated)
    WHERE {threshold:UInt64} = 0 OR (survey, department) IN
        (SELECT survey, department FROM departments_of WHERE n >= {threshold:UInt64} AND (smaller = 0 OR smaller >= {threshold:UInt64}))
    UNION ALL
    -- What the surveys that are held here let be known.
    SELECT one.1, one.2, one.3, one.4, one.5
    FROM (SELECT arrayJoin({published:Array(Tuple(String, Int64, UInt64, Float64, Float64))}) AS one)
)
