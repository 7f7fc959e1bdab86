-- The answers of a wave that count (see survey_counted). Duplicates: FINAL leaves one row an event
-- id; of the events of one answer the latest holds. The order is that of the ids, which are random.
SELECT
    answer_id,
    argMax(department, place) AS department,
    argMax(numbers, place) AS numbers,
    argMax(texts, place) AS texts,
    argMax(choices, place) AS choices
FROM
(
    SELECT *, (time, sequence, event_id) AS place
    FROM answer_events FINAL
    WHERE wave = {wave:String} AND questionnaire = {questionnaire:String}
        AND event_id IN (SELECT event_id FROM survey_counted WHERE wave = {wave:String})
)
GROUP BY answer_id
ORDER BY answer_id
