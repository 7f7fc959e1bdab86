-- The mean of a department's answers, and then the simple mean of the departments' means, which
-- of one department is its own.
SELECT
    if({by:String} = 'department', department, 'all') AS key,
    bucket,
    round(avg(department_mean), 6) AS mean,
    sum(department_n) AS n
FROM
(
    SELECT
        department,
        roundDown(given, {starts:Array(Int64)}) AS bucket,
        sum(n * s.mean) / sum(n) AS department_mean,
        sum(n) AS department_n
    FROM scores AS s
    WHERE given >= {from:Int64} AND given < {to:Int64}
        AND (empty({department:Array(String)}) OR department IN {department:Array(String)})
    GROUP BY department, bucket
)
GROUP BY key, bucket
ORDER BY key, bucket
