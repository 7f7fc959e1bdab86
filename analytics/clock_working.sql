-- What the office's clock shows at an instant: the milliseconds of office hours that have passed
-- since day 0 of the calendar, in the office's zone. Instants are milliseconds since 1970.
--
-- Two small arrays are made once a query from the exceptions to "Monday to Friday"; a reading is
-- then two look-ups. Positions count from 1, and the days have one more on either side that is
-- not worked: outside the calendar the clock stands. Where a zone went by the sun (Shanghai until
-- 1901) ClickHouse rounds its offset.
(
    SELECT arrayConcat([0, 0], arrayCumSum(groupArray(worked)))
    FROM
    (
        SELECT (toDayOfWeek(addDays(toDate32({first_day:String}), number)) <= 5) != (number IN {exceptions:Array(UInt32)}) AND number < {days:UInt32} AS worked
        FROM numbers({days:UInt32} + 1)
        ORDER BY number
    )
) AS days_worked,
(
    SELECT groupArray(office)
    FROM
    (
        SELECT toInt64(arraySum((opens, closes) -> greatest(0, least(toInt64(number), closes) - opens), {opens:Array(Int64)}, {closes:Array(Int64)})) AS office
        FROM numbers(86401)
        ORDER BY number
    )
) AS seconds_open,
local -> greatest(-1, least({days:Int32}, toInt32(toDate32(local)) - toInt32(toDate32({first_day:String})))) + 2 AS day_of,
local -> toHour(local) * 3600 + toMinute(local) * 60 + toSecond(local) + 1 AS second_of,
(day, second, millisecond) ->
    days_worked[day] * seconds_open[86401] * 1000
    + (days_worked[day + 1] - days_worked[day]) * (seconds_open[second] * 1000 + (seconds_open[second + 1] - seconds_open[second]) * millisecond) AS office_clock,
local -> office_clock(day_of(local), second_of(local), toMillisecond(local)) AS office_reading,
instant -> office_reading(fromUnixTimestamp64Milli(instant, {office_zone:String})) AS reading
