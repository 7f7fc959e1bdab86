-- KaplanMeier of package stats in SQL. `at_risk` are the cases whose time is this or longer; the
-- product over the times before and with this one of (1 - ended / at_risk) is what is left.
SELECT
    sum(cases) AS n,
    sum(ended) AS completed,
    sum(gone_otherwise) AS withdrawn,
    countIf(alive <= 0.5 + 1e-12) > 0 AS reached,
    minIf(spent, alive <= 0.5 + 1e-12) / 1000 AS median,
    (SELECT round(quantileExactInclusiveIf(0.5)(spent, is_completed)) / 1000 FROM seen) AS plain
FROM
(
    SELECT *, exp(sum(log(1 - ended / at_risk)) OVER (ORDER BY spent)) AS alive
    FROM
    (
        SELECT
            spent,
            count() AS cases,
            countIf(is_completed) AS ended,
            countIf(is_withdrawn) AS gone_otherwise,
            sum(cases) OVER (ORDER BY spent DESC) AS at_risk
        FROM seen
        GROUP BY spent
    )
)
