-- What satisfaction.sql takes the mean of, with its spread.
SELECT count() AS n, avg(score) AS mean, if(n > 1, varSampStable(score), 0) AS variance
FROM scores
WHERE given >= {from:Int64} AND given < {to:Int64}
    AND (empty({department:Array(String)}) OR department IN {department:Array(String)})
GROUP BY department
ORDER BY department
