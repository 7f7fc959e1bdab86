-- Duplicates: FINAL leaves one row an event id; of the events of one answer the latest holds.
-- Of a wave that is not closed nothing is read: people were promised so.
answers AS
(
    SELECT
        r.answer_id AS answer_id,
        argMax(r.questionnaire, place) AS questionnaire,
        argMax(r.department, place) AS department,
        argMax(r.numbers, place) AS numbers,
        max(r.instant) AS given
    FROM (SELECT *, toUnixTimestamp64Milli(time) AS instant, place_of(instant, sequence, event_id) AS place FROM answer_events FINAL WHERE wave NOT IN {unready:Array(String)}) AS r
    GROUP BY r.answer_id
),
-- An item without weight does not count, nor does a value that the scale does not have.
scores AS
(
    SELECT
        department,
        given,
        sum(weight * points) / sum(weight) AS score
    FROM
    (
        SELECT
            answer_id,
            department,
            given,
            if(mapContains({weights:Map(String, Map(String, Float64))}, questionnaire), {weights:Map(String, Map(String, Float64))}[questionnaire][item], 1) AS weight,
            {levels:Map(String, Map(String, Map(Int64, Float64)))}[questionnaire][item] AS item_levels,
            if(empty(item_levels), value, item_levels[toInt64(value)]) AS points,
            if(empty(item_levels), value BETWEEN 0 AND 100, mapContains(item_levels, toInt64(value)) AND value = floor(value)) AS on_scale
        FROM answers
        ARRAY JOIN mapKeys(numbers) AS item, mapValues(numbers) AS value
    )
    WHERE weight > 0 AND on_scale
    GROUP BY answer_id, department, given
)
