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
(form, amount, local) -> multiIf(
    form = 'day_of_month', addDays(toDate32(local), amount - toDayOfMonth(local)),
    form = 'end_of_day', toDate32(local),
    form = 'end_of_week', addDays(toDate32(local), 7 - toDayOfWeek(local)),
    addDays(addMonths(
        addDays(toDate32(local), 1 - toDayOfMonth(local)),
        amount - (toMonth(local) + 12 - {fiscal_year_start:Int64}) % amount), -1)) AS limit_date_of,
-- The last day of a limit of whole days. The other forms' amounts are milliseconds, too large for a date.
(form, amount, begun) -> limit_date_of(form, greatest(1, least(amount, 28)), office_local(begun)) AS limit_date,
(clock, limit_instant, ended) -> ended <= limit_instant OR (clock != 'elapsed' AND office_time(ended) <= office_time(limit_instant)) AS kept_until,
(clock, last_day, ended_day) -> ended_day <= last_day OR (clock != 'elapsed' AND seconds_before[ended_day] <= seconds_before[last_day]) AS kept_by_day,
(form, clock, amount, begun, ended, promised) -> multiIf(
    form = 'before', ended <= promised - amount,
    form = 'due_at', kept_until(clock, promised, ended),
    form = 'within' AND clock = 'working', office_time(ended) - office_time(begun) <= amount,
    form = 'within', kept_until(clock, begun + amount, ended),
    kept_by_day(clock, day_of(limit_date(form, amount, begun)), day_of(office_local(ended)))) AS limit_kept
