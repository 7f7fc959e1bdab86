-- Dead letters with their state: that of the latest replay that went through or of the latest
-- decision to discard; open before. Duplicates: one row a letter by FINAL.
WITH decided AS
(
    SELECT letter_id, argMax(deed, at) AS decision
    FROM dead_letter_acts
    WHERE ok AND deed IN ('replay', 'discard')
    GROUP BY letter_id
)
SELECT
    letter_id,
    log_id,
    topic,
    topic_partition,
    topic_offset,
    last_offset,
    kind,
    reason,
    message_key,
    substring(value, 1, {value_bytes:UInt64}) AS value,
    header_names,
    header_values,
    size,
    produced_at,
    put_at,
    multiIf(decided.decision = 'replay', 'replayed', decided.decision = 'discard', 'discarded', 'open') AS state
FROM (SELECT *, letter_id FROM dead_letters FINAL) AS letters
LEFT JOIN decided USING (letter_id)
WHERE ({id:String} = '' OR letter_id = {id:String})
    AND ({kind:String} = '' OR kind = {kind:String})
    AND ({state:String} = '' OR state = {state:String})
    AND ({topic:String} = '' OR topic = {topic:String})
    AND ({text:String} = '' OR positionCaseInsensitive(concat(reason, '\n', message_key, '\n', letters.value), {text:String}) > 0)
ORDER BY put_at DESC, topic, topic_partition, topic_offset DESC
LIMIT {limit:UInt64} OFFSET {skip:UInt64}
