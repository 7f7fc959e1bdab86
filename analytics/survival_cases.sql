-- Cases begun in the period: how long each was seen, and what became of it until its end (`seen_to`).
seen AS
(
    SELECT
        reading(least(gone, seen_to)) - reading(started) AS spent,
        gone < seen_to AND lives.is_completed AS is_completed,
        gone < seen_to AND NOT lives.is_completed AS is_withdrawn
    FROM (SELECT *, least({to:Int64}, {now:Int64}) AS seen_to FROM lives) AS lives
    WHERE started >= {from:Int64} AND started < {to:Int64} AND started < seen_to
        AND (empty({department:Array(String)}) OR department IN {department:Array(String)})
        AND (empty({class:Array(String)}) OR class IN {class:Array(String)})
)
