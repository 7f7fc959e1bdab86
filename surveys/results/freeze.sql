INSERT INTO survey_counted (wave, event_id)
SELECT {wave:String}, event_id
FROM answer_events FINAL
WHERE wave = {wave:String} AND questionnaire = {questionnaire:String}
UNION ALL
SELECT {wave:String}, ''
