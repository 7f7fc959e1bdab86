-- The cases of one flow with the numbers {first} to {first} + {count} - 1, one row a case, with its
-- steps. Everything follows from the case's number and {seed}: the same question has the same
-- answer, on however many threads. A step of the calculation is a table expression of its own,
-- since an alias that is used within lambdas is planned anew at each place.
--
-- A reading is the office's clock in milliseconds: 8 hours a day of {days}, of which the first is
-- day 0. 08:30 to 12:00 and 13:30 to 18:00 is what the shipped handbook has.
(SELECT {days:Array(Int64)}) AS office_days,
(SELECT {slots:Array(UInt16)}) AS slots_of_days,
(n, i) -> intHash64(bitXor(toUInt64(n * 64 + i), {seed:UInt64})) / 18446744073709551616. AS draw, -- 0 to 1; i < 64
-- Box and Muller: of a leg's two draws a number that is normally distributed.
(n, leg) -> sqrt(-2 * ln(greatest(1e-12, draw(n, leg)))) * cos(6.283185307179586 * draw(n, leg + 24)) AS normal,
reading -> office_days[least(length(office_days), intDiv(reading, 28800000) + 1)] + reading % 28800000 + if(reading % 28800000 < 12600000, 30600000, 36000000) AS instant_of,
drawn AS
(
    SELECT
        toUInt64({first:UInt64} + number) AS n,
        draw(n, 47) AS faulty_draw,
        (n + draw(n, 48)) / {cases:UInt64} AS turn,
        draw(n, 49) AS x,
        draw(n, 50) AS y,
        draw(n, 51) AS change_draw,
        draw(n, 52) < {core_share:Float64} AS is_core,
        draw(n, 53) AS countersign_draw,
        draw(n, 54) AS returned_draw,
        draw(n, 55) AS place_draw,
        pow(draw(n, 56), 1.6) AS size_draw, -- large departments ask for more
        draw(n, 57) AS fate,
        draw(n, 58) AS end_draw
    FROM numbers_mt({count:UInt64})
    WHERE NOT {only_faulty:Bool} OR draw({first:UInt64} + number, 47) < greatest({faulty_after:Float64}, {faulty_before:Float64})
),
timed AS
(
    SELECT
        *,
        -- Numbers go up with time, as those of an office do.
        slots_of_days[least(length(slots_of_days), 1 + toUInt32(turn * length(slots_of_days)))] AS day,
        -- Two peaks, and 4 % out of office hours.
        toInt64(3600000 * multiIf(x < 0.01, 7 + 1.5 * y, x < 0.04, 18 + 4.5 * y, x < 0.40, 9.5 + 1.5 * y, x < 0.74, 14.5 + 2 * y, x < 0.87, 8.5 + 3.5 * y, 13.5 + 4.5 * y)) AS clock
    FROM drawn
),
begun AS
(
    SELECT
        *,
        concat({prefix:String}, '-', leftPad(toString(n + 1), 9, '0')) AS case_id,
        office_days[day + 1] + clock AS started,
        toInt64(day) * 28800000 + multiIf(
            clock < 30600000, 0,
            clock < 43200000, clock - 30600000,
            clock < 48600000, 12600000,
            clock < 64800000, clock - 36000000,
            28800000) AS started_reading,
        if({department:String} = '', {departments:Array(String)}[least(length({departments:Array(String)}), 1 + toUInt32(size_draw * length({departments:Array(String)})))], {department:String}) AS own
    FROM timed
),
met AS
(
    SELECT
        *,
        -- A change reaches 70 % of the cases at once and the others over four weeks.
        change_draw < if(started < {change:Int64}, 0, 0.7 + 0.3 * (started - {change:Int64}) / 2419200000) AS is_changed,
        fate < {withdrawn:Float64} AS is_withdrawn,
        fate >= {withdrawn:Float64} AND fate < {withdrawn:Float64} + if(started >= {last_month:Int64}, 0.05, 0.001) AS is_stranded
    FROM begun
),
routed AS
(
    SELECT
        *,
        multiIf(is_changed, toUInt8(is_core), countersign_draw < 0.25, 1, countersign_draw < 0.65, 2, countersign_draw < 0.9, 3, 4) AS countersigners,
        multiIf(returned_draw >= if(is_changed, {returned_after:Float64}, {returned_before:Float64}), 0, place_draw < 0.5, 1, 2) AS returned,
        arrayFilter((leg, condition) -> multiIf(
            condition = 'countersigned', countersigners >= leg - {countersign:UInt8} + 1,
            condition = 'returned_1', returned = 1,
            condition = 'returned_2', returned = 2,
            condition = 'returned', returned > 0,
            condition = 'by_leadership', NOT is_changed OR is_core,
            condition = 'by_office', is_changed AND NOT is_core,
            true), arrayEnumerate({conditions:Array(String)}), {conditions:Array(String)}) AS route,
        length(route) AS whole,
        if(is_withdrawn OR is_stranded, 1 + toUInt32(end_draw * (whole - 1)), whole) AS kept
    FROM met
),
walked AS
(
    SELECT
        *,
        arraySlice(route, 1, kept) AS legs,
        indexOf(legs, {meeting_leg:UInt8}) AS check_position,
        arrayCumSum(arrayMap((leg, deviation) -> if(leg = 1 OR leg = {meeting_leg:UInt8}, 0, greatest(1000, toInt64(3600000 * least(1000,
            if(is_changed, {medians_after:Array(Float64)}[leg], {medians_before:Array(Float64)}[leg]) * exp(deviation * if(is_changed, {sigmas_after:Array(Float64)}[leg], {sigmas_before:Array(Float64)}[leg])))))),
            legs, arrayMap(leg -> normal(n, leg), legs))) AS passed
    FROM routed
),
prepared AS
(
    SELECT
        *,
        started_reading + if(check_position = 0, 0, passed[check_position]) AS ready,
        -- A meeting is on one of the next four working days; its equipment is checked before, and
        -- what follows begins after it.
        (intDiv(ready, 28800000) + 1 + toUInt32(draw(n, 59) * 4)) * 28800000 + [1800000, 3600000, 5400000, 7200000, 14400000, 16200000, 18000000, 19800000, 21600000][1 + toUInt32(draw(n, 60) * 8.99)] AS meets,
        toInt64(60000 * if(draw(n, 61) < if(is_changed, 0.93, 0.55), 60 + 75 * draw(n, 62), 5 + 20 * draw(n, 62))) AS ahead,
        toInt64(60000 * (40 + 80 * draw(n, 63))) AS lasted
    FROM walked
),
dated AS
(
    SELECT
        *,
        arrayMap((after, position) -> started_reading + after
            + if(check_position > 0 AND position >= check_position, meets - ahead - ready, 0)
            + if(check_position > 0 AND position > check_position, ahead + lasted, 0), passed, arrayEnumerate(passed)) AS readings
    FROM prepared
),
reached AS
(
    SELECT
        *,
        arrayMap((after, reading, position) -> if({elapsed:Bool} OR position = 1, started + after, instant_of(reading)), passed, readings, arrayEnumerate(passed)) AS reached
    FROM dated
),
cases AS
(
    SELECT
        *,
        -- A step is its leg; above 100, the withdrawal that followed it.
        if(is_withdrawn, arrayPushBack(legs, legs[kept] + 100), legs) AS steps,
        if(is_withdrawn, arrayPushBack(reached, reached[kept] + toInt64(3600000 * (1 + 20 * draw(n, 63)))), reached) AS instants,
        kept = whole AND NOT is_withdrawn AND reached[kept] < {end:Int64} AS is_completed,
        faulty_draw < if(is_changed, {faulty_after:Float64}, {faulty_before:Float64}) AS is_faulty
    FROM reached
)
