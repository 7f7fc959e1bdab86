-- What the office's clock shows at an instant: the milliseconds of office hours that have passed
-- since day 0 of the calendar, in the office's zone. Instants are milliseconds since 1970.
--
-- A day has one of a few kinds of hours; kind 0 is a free day. Three arrays are made once a query
-- from the ordinary hours of Monday to Friday and the days that differ; a reading is then four
-- look-ups. The office opens and closes at full ticks, of a minute as a rule and of a second where
-- the hours say so: within a tick it is open or it is not. Positions count from 1, and the days
-- have one more on either side that is free: outside the calendar the clock stands. Where a zone went by the sun (Shanghai until 1901)
-- ClickHouse rounds its offset.
intDiv(86400, {tick:UInt32}) + 1 AS ticks, -- of a day, both ends included
office_days AS
(
    SELECT
        number,
        if(toDayOfWeek(addDays(toDate32({first_day:String}), number)) <= 5, {usual_kind:Array(UInt8)}[arrayLastIndex(from -> from <= number, {usual_from:Array(UInt32)})], 0) AS usual,
        if(number = {days:UInt32}, 0, transform(number, {exceptions:Array(UInt32)}, {exception_kinds:Array(UInt8)}, usual)) AS kind
    FROM numbers({days:UInt32} + 1)
),
(
    SELECT groupArray(office)
    FROM
    (
        SELECT toInt64(arraySum((from, to) -> greatest(0, least(toInt64(number % ticks * {tick:UInt32}), to) - from), {opens:Array(Array(Int64))}[intDiv(number, ticks) + 1], {closes:Array(Array(Int64))}[intDiv(number, ticks) + 1])) AS office
        FROM numbers(ticks * length({opens:Array(Array(Int64))}))
        ORDER BY number
    )
) AS seconds_open,
(SELECT arrayConcat([0], groupArray(toInt32(kind * ticks))) FROM (SELECT number, kind FROM office_days ORDER BY number)) AS kind_at,
(SELECT arrayConcat([0, 0], arrayCumSum(groupArray(seconds_open[kind * ticks + ticks]))) FROM (SELECT number, kind FROM office_days ORDER BY number)) AS seconds_before,
local -> greatest(-1, least({days:Int32}, toInt32(toDate32(local)) - toInt32(toDate32({first_day:String})))) + 2 AS day_of,
local -> toHour(local) * 3600 + toMinute(local) * 60 + toSecond(local) AS second_of,
(day, position, millisecond) ->
    (seconds_before[day] + seconds_open[position]) * 1000 + (seconds_open[position + 1] > seconds_open[position]) * millisecond AS office_clock,
local -> office_clock(
    day_of(local),
    kind_at[day_of(local)] + intDiv(second_of(local), {tick:UInt32}) + 1,
    second_of(local) % {tick:UInt32} * 1000 + toMillisecond(local)) AS office_reading,
instant -> fromUnixTimestamp64Milli(instant, {office_zone:String}) AS office_local,
instant -> office_reading(office_local(instant)) AS office_time
