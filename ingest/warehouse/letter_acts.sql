SELECT letter_id, at, toString(deed), actor, reason, text, ok, outcome
FROM dead_letter_acts
WHERE letter_id = {id:String}
ORDER BY at
