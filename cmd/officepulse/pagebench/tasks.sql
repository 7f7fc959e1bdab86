-- The task events of the cases, but for what is yet to happen at {end}.
SELECT
    lower(hex(sipHash128(case_id, position))) AS event_id,
    {source:String} AS source,
    fromUnixTimestamp64Milli(instant, 'UTC') AS time,
    leftPad(toString(position), 4, '0') AS sequence,
    {process:String} AS process,
    case_id,
    {stages:Array(String)}[leg] AS stage,
    if(step > 100, 'withdraw', {actions:Array(String)}[leg]) AS action,
    own AS department,
    concat(actor_department, '-', toString(1 + intHash32(n + leg) % 12)) AS actor,
    multiIf({by:Array(String)}[leg] = '', own, {by:Array(String)}[leg] = '*',
        {departments:Array(String)}[1 + intHash64(n * 64 + leg) % length({departments:Array(String)})], {by:Array(String)}[leg]) AS actor_department,
    if(leg = {due_leg:UInt8} AND position <= kept, fromUnixTimestamp64Milli(if({elapsed:Bool}, toInt64(instant + {due_days:Float64} * 86400000), due_instant), 'UTC'), NULL) AS due_at,
    if({core_share:Float64} > 0, if(is_core, 'core', 'non_core'), '') AS class,
    false AS assume_complete,
    multiIf(
        {core_share:Float64} > 0, map('class', if(is_core, 'core', 'non_core')),
        {meeting_leg:UInt8} > 0, map(
            'meeting_start', formatDateTime(fromUnixTimestamp64Milli(instant_of(meets), 'Asia/Shanghai'), '%Y-%m-%dT%H:%i:%S+08:00'),
            'type', if(draw(n, 46) < 0.12, 'new_business', 'regular'),
            'invited', toString(4 + toUInt32(draw(n, 45) * 16))),
        {process:String} = 'archive', map('document', concat('DA-', substring(case_id, 4))),
        {process:String} = 'emergency', map('severity', if(draw(n, 46) < 0.2, 'critical', 'major'), 'type', if(draw(n, 45) < 0.15, 'supplier_stop', 'other')),
        {order:String} != '', map('order', {order:String}),
        CAST(map(), 'Map(String, String)')) AS attributes,
    {log:String} AS log_id,
    toUInt32(intHash32(n) % {partitions:UInt32}) AS topic_partition,
    ({base:UInt64} + n) * 16 + position AS topic_offset,
    -- One in a hundred comes a day late or more.
    fromUnixTimestamp64Milli(least({end:Int64} - 1, instant + 200 + intHash32(n * 64 + position) % 3000 + if(intHash32(n * 64 + position + 7) % 100 = 0, 86400000 + intHash32(n) % 172800000, 0)), 'UTC') AS produced_at
FROM (SELECT *, arrayMap(reading -> instant_of(toInt64(reading + {due_days:Float64} * 28800000)), readings) AS dues FROM cases)
ARRAY JOIN
    steps AS step,
    arrayMap(step -> toUInt32(step % 100), steps) AS leg,
    instants AS instant,
    if(is_withdrawn, arrayPushBack(dues, 0), dues) AS due_instant,
    arrayEnumerate(steps) AS position
WHERE instant < {end:Int64}
