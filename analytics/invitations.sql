-- How many were invited to a meeting, and how many of them the notice missed (NULL: it does not say).
-- Numbers are what the last event says that says one. Duplicates: FINAL leaves one row an event id.
invitations AS
(
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
),
-- How many faults say that somebody was missed.
missed_reports AS
(
    SELECT case_id, count() AS missed
    FROM counted_faults
    WHERE process = 'meeting' AND kind = 'notice_missed' AND case_id != ''
    GROUP BY case_id
)
