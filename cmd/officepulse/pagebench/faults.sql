-- What was reported about the completed cases that went wrong: one or two faults each, and each
-- with its report, its verdict and, of most, its correction.
SELECT
    lower(hex(sipHash128(fault_id, place, 'fault'))) AS event_id,
    {source:String} AS source,
    fromUnixTimestamp64Milli(instant, 'UTC') AS time,
    leftPad(toString(place), 4, '0') AS sequence,
    {process:String} AS process,
    concat('F-', case_id, '-', toString(fault)) AS fault_id,
    case_id,
    {kind_stages:Array(String)}[kind_index] AS stage,
    {kinds:Array(String)}[kind_index] AS kind,
    multiIf(severity_draw < 0.70, 'minor', severity_draw < 0.95, 'major', 'critical') AS severity,
    ['reported', if(is_dismissed, 'dismissed', 'confirmed'), 'corrected'][place] AS status,
    if({kind_by:Array(String)}[kind_index] = '', own, {kind_by:Array(String)}[kind_index]) AS department,
    concat(own, '-', toString(1 + intHash32(n) % 12)) AS reported_by,
    fromUnixTimestamp64Milli(found, 'UTC') AS found_at,
    {log:String} AS log_id,
    toUInt32(intHash32(n) % {partitions:UInt32}) AS topic_partition,
    ({base:UInt64} + n) * 8 + fault * 3 + place AS topic_offset,
    fromUnixTimestamp64Milli(least({end:Int64} - 1, instant + 200 + intHash32(n) % 3000), 'UTC') AS produced_at
FROM
(
    SELECT
        *,
        fault,
        toUInt64(1000 + n * 2 + fault) AS m, -- numbers the faults, for draws of their own
        draw(m, 40) AS severity_draw,
        draw(m, 41) >= {confirmed:Float64} AS is_dismissed,
        draw(m, 42) AS kind_draw,
        arrayFirstIndex(share -> kind_draw < share, {kind_shares:Array(Float64)}) AS kind_index,
        arrayLastIndex(leg -> {stages:Array(String)}[leg] = {kind_stages:Array(String)}[kind_index], legs) AS left_at,
        reached[if(left_at = 0, kept, left_at)] + toInt64(129600000 * exp(0.8 * normal(m, 1))) AS found,
        found + toInt64(3600000 * exp(0.6 * normal(m, 2))) AS reported,
        reported + toInt64(14400000 * exp(0.7 * normal(m, 3))) AS judged,
        judged + toInt64(86400000 * exp(0.8 * normal(m, 4))) AS corrected
    FROM cases
    ARRAY JOIN if(draw(n, 44) < 0.06, [1, 2], [1]) AS fault
    WHERE is_completed AND is_faulty
)
ARRAY JOIN
    arrayEnumerate(if(is_dismissed OR draw(m, 43) >= 0.92, [reported, judged], [reported, judged, corrected])) AS place,
    if(is_dismissed OR draw(m, 43) >= 0.92, [reported, judged], [reported, judged, corrected]) AS instant
WHERE instant < {end:Int64}
