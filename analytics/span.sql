SELECT min(instant) AS first, max(instant) AS last, count() AS n
FROM
(
    SELECT completed AS instant FROM cases
    UNION ALL
    SELECT found FROM counted_faults
    UNION ALL
    SELECT given FROM answers
)
