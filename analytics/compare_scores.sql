-- What satisfaction.sql takes the mean of, with its spread: within and between what is summed up already.
SELECT
    sum(s.n) AS n,
    sum(s.n * s.mean) / n AS mean,
    if(n > 1, greatest(0, sum((s.n - 1) * s.variance) + sum(s.n * s.mean * s.mean) - n * mean * mean) / (n - 1), 0) AS variance
FROM scores AS s
WHERE given >= {from:Int64} AND given < {to:Int64}
    AND (empty({department:Array(String)}) OR department IN {department:Array(String)})
GROUP BY department
ORDER BY department
