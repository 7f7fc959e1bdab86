-- How many dead letters there are, by kind, topic and state. Duplicates: one row a letter by FINAL.
WITH decided AS
(
    SELECT letter_id, argMax(deed, at) AS decision
    FROM dead_letter_acts
    WHERE ok AND deed IN ('replay', 'discard')
    GROUP BY letter_id
)
SELECT
    kind,
    topic,
    multiIf(decided.decision = 'replay', 'replayed', decided.decision = 'discard', 'discarded', 'open') AS state,
    count() AS n
FROM (SELECT kind, topic, letter_id FROM dead_letters FINAL) AS letters
LEFT JOIN decided USING (letter_id)
GROUP BY kind, topic, state
ORDER BY n DESC, kind, topic, state
