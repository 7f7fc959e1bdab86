INSERT INTO survey_counted (wave, event_id)
SELECT {wave:String}, event_id
FROM answer_events FINAL
WHERE wave = {wave:String} AND questionnaire = {questionnaire:String} AND produced_at <= {until:DateTime64(3, 'UTC')}
UNION ALL
SELECT {wave:String}, ''
