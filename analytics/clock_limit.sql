-- Whether a limit was kept: OnTime of the handbook in SQL. It stands on clock_office.sql.
--
--     limit_kept(form, clock, amount, begun, ended, promised)
--
-- form, clock and amount are those of the limits in promises.sql. Instants are milliseconds since
-- 1970: begun is when the limit began to run, ended when what it asks for was done (now, for a
-- case that has not come so far: whether it is still in time), promised the planned time of
-- 'before' and the due date of 'due_at'; what a form does not use may be 0.
--
-- Where the office's clock stands still nothing becomes late: a limit that ends while the office is
-- closed is kept as long as no office hour has passed since, and one that ends on a free day until
-- the end of the first working day, which is the first whose beginning has more behind it.
--
-- A lambda's parameter is replaced by its argument wherever it stands, however long that is, and
-- the server then takes longer to plan the statement than to run it. What is used more than once
-- is therefore handed through arrayMap, which has it computed once.
(form, amount, local) -> multiIf(
    form = 'day_of_month', addDays(toDate32(local), amount - toDayOfMonth(local)),
    form = 'end_of_day', toDate32(local),
    form = 'end_of_week', addDays(toDate32(local), 7 - toDayOfWeek(local)),
    addDays(addMonths(
        addDays(toDate32(local), 1 - toDayOfMonth(local)),
        amount - (toMonth(local) + 12 - {fiscal_year_start:Int64}) % amount), -1)) AS limit_date_of,
-- The last day of a limit of whole days. The other forms' amounts are milliseconds, too large for a date.
(form, amount, begun) -> arrayMap((local, days) -> limit_date_of(form, days, local), [office_local(begun)], [greatest(1, least(amount, 28))])[1] AS limit_date,
-- The instant at which a limit that is no limit of whole days ends.
(form, amount, begun, promised) -> multiIf(form = 'before', promised - amount, form = 'due_at', promised, begun + amount) AS limit_instant,
(form, clock, amount, ended, limit_then, readings, days) -> multiIf(
    form = 'before', ended <= limit_then,
    form = 'within' AND clock = 'working', readings[2] - readings[1] <= amount,
    form IN ('within', 'due_at'), ended <= limit_then OR (clock != 'elapsed' AND readings[2] <= readings[1]),
    days[2] <= days[1] OR (clock != 'elapsed' AND seconds_before[days[2]] <= seconds_before[days[1]])) AS limit_judged,
(form, clock, amount, begun, ended, promised) -> arrayMap(
    (limit_then, readings, days) -> limit_judged(form, clock, amount, ended, limit_then, readings, days),
    [limit_instant(form, amount, begun, promised)],
    [arrayMap(local -> office_reading(local), [
        office_local(if(form = 'within' AND clock = 'working', begun, limit_instant(form, amount, begun, promised))),
        office_local(ended)])],
    [[day_of(limit_date(form, amount, begun)), day_of(office_local(ended))]])[1] AS limit_kept
