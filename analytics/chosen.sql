-- Those of them that the question is about, each with its series and its bucket. A bucket is
-- known by its start. A matrix is by two things, 'process,department': its keys have both, parted
-- by a character that no key may hold.
chosen AS
(
    SELECT
        *,
        arrayFilter(event -> event.4 NOT IN ('start', 'remind', 'transfer', 'withdraw', 'comment', 'reopen'), history) AS steps,
        multiIf({by:String} = 'process', process, {by:String} = 'department', department, {by:String} = 'class', class,
            {by:String} LIKE '%,%', arrayStringConcat(arrayMap(by -> multiIf(by = 'process', process, by = 'department', department, class), splitByChar(',', {by:String})), '\x1F'), 'all') AS key,
        roundDown(completed, {starts:Array(Int64)}) AS bucket
    FROM cases
    WHERE completed >= {from:Int64} AND completed < {to:Int64}
        AND (empty({department:Array(String)}) OR department IN {department:Array(String)})
        AND (empty({class:Array(String)}) OR class IN {class:Array(String)})
)
