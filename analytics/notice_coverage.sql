-- Duplicates: FINAL leaves one row an event id.
SELECT key, bucket, sum(invited) AS n, sum(toUInt64(invited - least(missed, invited))) AS hits
FROM
(
    SELECT chosen.key AS key, chosen.bucket AS bucket, invitations.invited AS invited, ifNull(invitations.missed, ifNull(reports.missed, 0)) AS missed
    FROM chosen
    INNER JOIN
    (
        -- Numbers are what the last event says that says one.
        SELECT case_id, argMaxIf(invited_then, place, invited_then IS NOT NULL) AS invited, argMaxIf(missed_then, place, missed_then IS NOT NULL) AS missed
        FROM
        (
            SELECT
                case_id,
                if(match(attributes['invited'], '^[0-9]{1,6}$'), toUInt64OrNull(attributes['invited']), NULL) AS invited_then,
                if(stage = 'notice' AND match(attributes['missed'], '^[0-9]{1,6}$'), toUInt64OrNull(attributes['missed']), NULL) AS missed_then,
                place_of(toUnixTimestamp64Milli(time), sequence, event_id) AS place
            FROM task_events FINAL
            WHERE process = 'meeting'
        )
        GROUP BY case_id
        HAVING invited > 0
    ) AS invitations USING (case_id)
    LEFT JOIN
    (
        SELECT case_id, count() AS missed
        FROM counted_faults
        WHERE process = 'meeting' AND kind = 'notice_missed' AND case_id != ''
        GROUP BY case_id
    ) AS reports USING (case_id)
    WHERE chosen.process = 'meeting'
)
GROUP BY key, bucket
ORDER BY key, bucket
