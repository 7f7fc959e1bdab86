SELECT key, bucket, sum(invited) AS n, sum(toUInt64(invited - least(missed, invited))) AS hits
FROM
(
    SELECT chosen.key AS key, chosen.bucket AS bucket, assumeNotNull(invitations.invited) AS invited, ifNull(invitations.missed, ifNull(missed_reports.missed, 0)) AS missed
    FROM chosen
    INNER JOIN invitations USING (case_id)
    LEFT JOIN missed_reports USING (case_id)
    WHERE chosen.process = 'meeting'
)
GROUP BY key, bucket
ORDER BY key, bucket
