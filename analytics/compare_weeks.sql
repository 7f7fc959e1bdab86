SELECT groupArray((reading(completed) - reading(started)) / 1000) AS leads
FROM chosen
GROUP BY bucket
ORDER BY bucket
