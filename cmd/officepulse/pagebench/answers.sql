-- The answers of the surveys, one wave a quarter: {people} of each department, who are more content
-- since 2026. A wave is anonymous, so it carries days.
WITH
    intDiv(number, {people:UInt64} * length({departments:Array(String)})) AS wave_index,
    number % length({departments:Array(String)}) AS department_index,
    (number, i) -> intHash64(bitXor(number * 64 + i, {seed:UInt64})) / 18446744073709551616. AS draw,
    [75.6, 75.2, 74.4, 74.8, 75.0, 81.5, 88.0, 92.0][wave_index + 1] + 8 * (draw(department_index, 1) - 0.5) AS score,
    -- The sum of four draws is normal enough; what a person thinks and what of this item.
    item -> score + 9 * 1.732 * (draw(number, 2) + draw(number, 3) + draw(number, 4) + draw(number, 5) - 2) + 20 * (draw(number, 10 + item) - 0.5) AS points,
    points -> multiIf(points >= 90, 5, points >= 70, 4, points >= 45, 3, points >= 15, 2, 1) AS level
SELECT
    lower(hex(sipHash128(answer_id))) AS event_id,
    {source:String} AS source,
    fromUnixTimestamp64Milli({waves_end:Array(Int64)}[wave_index + 1] - 86400000 * (1 + toInt64(draw(number, 6) * 14)), 'UTC') AS time,
    '0001' AS sequence,
    {waves:Array(String)}[wave_index + 1] AS wave,
    {questionnaire:String} AS questionnaire,
    concat('A-', wave, '-', leftPad(toString(number), 6, '0')) AS answer_id,
    {departments:Array(String)}[department_index + 1] AS department,
    CAST(mapFromArrays({items:Array(String)}, arrayMap(item -> toFloat64(level(points(item))), arrayEnumerate({items:Array(String)}))), 'Map(LowCardinality(String), Float64)') AS numbers,
    CAST(map(), 'Map(LowCardinality(String), String)') AS texts,
    CAST(map(), 'Map(LowCardinality(String), Array(String))') AS choices,
    {log:String} AS log_id,
    toUInt32(intHash32(number) % {partitions:UInt32}) AS topic_partition,
    time AS produced_at
FROM numbers(length({waves:Array(String)}) * {people:UInt64} * length({departments:Array(String)}))
