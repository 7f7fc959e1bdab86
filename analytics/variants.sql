SELECT steps.3 AS stages, count() AS cases, sum(cases) OVER () AS n
FROM chosen
GROUP BY stages
ORDER BY cases DESC, stages
LIMIT {limit:UInt64}
