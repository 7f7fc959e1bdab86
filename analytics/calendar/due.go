package calendar

import "time"

// Clock is how a time limit runs.
type Clock string

// The clocks of a limit.
const (
	Elapsed     Clock = "elapsed"              // 自然时: every second counts
	Working     Clock = "working"              // 工作时: office hours count
	RollForward Clock = "elapsed_roll_forward" // 自然时顺延: every second counts, and what ends while the office is closed ends when it opens next
)

// Clocks lists the clocks of a limit.
func Clocks() []Clock { return []Clock{Elapsed, Working, RollForward} }

// WorkingTime is how much working time a limit of d allows on the working
// clock: each full 24 hours are a working day of perDay seconds, the rest is
// office hours. So a limit of a day is a day on every clock.
func WorkingTime(d time.Duration, perDay int) time.Duration {
	return d/day*time.Duration(perDay)*time.Second + d%day
}

// DueAt is when something that began at start and may take d is due. On the
// working clock, 24 hours are a working day (see [WorkingTime]).
//
//	signed 2026-09-30 17:00, 24 h    elapsed               2026-10-01 17:00, in the holiday
//	                                 working               2026-10-08 17:00
//	                                 elapsed_roll_forward  2026-10-08 08:30, when the office opens
func (c *Calendar) DueAt(start time.Time, d time.Duration, clock Clock) time.Time {
	switch clock {
	case Working:
		return c.Add(start, WorkingTime(d, c.perDay))
	case RollForward:
		return c.Opens(start.Add(d))
	default:
		return start.Add(d)
	}
}

// Within reports whether what began at start and ended at end took no longer
// than d. On the clocks that stand while the office is closed, nothing becomes
// late before it opens: a limit used up at closing time is kept all night.
func (c *Calendar) Within(start, end time.Time, d time.Duration, clock Clock) bool {
	switch clock {
	case Working:
		return c.Between(start, end) <= WorkingTime(d, c.perDay)
	case RollForward:
		limit := start.Add(d)
		return !end.After(limit) || c.Between(limit, end) <= 0
	default:
		return end.Sub(start) <= d
	}
}

// Opens is the first instant from t on at which the office is open; t itself
// when it is. Closing time is no office hour. After the last day of the
// calendar, t.
func (c *Calendar) Opens(t time.Time) time.Time {
	next := c.Add(t, time.Nanosecond)
	if c.Between(t, next) <= 0 { // the calendar has ended
		return t
	}
	return next.Add(-time.Nanosecond)
}

// WorkdayFrom is the first working day from d on; d itself after the last day
// of the calendar.
func (c *Calendar) WorkdayFrom(d Date) Date {
	for next := d; next <= lastDay; next++ {
		if len(c.slots(next)) > 0 {
			return next
		}
	}
	return d
}
