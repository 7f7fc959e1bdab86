-- How many open cases each class of ages has. The classes are known by where they begin.
SELECT key, arrayMap(begin -> countEqual(groupArray(class), begin), {age_classes:Array(Int64)}) AS classes
FROM (SELECT key, roundDown(reading(at) - reading(started), {age_classes:Array(Int64)}) AS class FROM open_cases)
GROUP BY key
ORDER BY key
