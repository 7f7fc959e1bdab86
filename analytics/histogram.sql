-- Bins 0 to count-1 of equal width, and one for all above. No time is negative.
SELECT arrayMap(bin -> mapFromArrays(groupArray(held.bin), groupArray(held.n))[bin], range({count:Int64} + 1)) AS counts
FROM
(
    SELECT least(intDiv(spent, {width:Int64}), {count:Int64}) AS bin, count() AS n
    FROM measured
    GROUP BY bin
) AS held
