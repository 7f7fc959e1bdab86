package handbook

import (
	"time"

	"example.com/officepulse/analytics/calendar"
)

// OnTime reports whether what began at begun and ended at ended kept a limit of
// this version. own is what the case itself promised: the planned time for
// "before", the due date for "due_at"; unused otherwise. For a case that has not
// ended, ended is now: whether it is still in time.
//
// It is the slow and obvious form of clock_limit.sql.
func (h *Handbook) OnTime(l *Limit, c *calendar.Calendar, begun, ended, own time.Time) bool {
	switch l.Form() {
	case FormBefore:
		return !ended.After(own.Add(-time.Duration(l.Before)))
	case FormDueAt:
		return c.Within(own, ended, 0, l.Runs())
	case FormDayOfMonth, FormEndOf:
		return c.DateAt(ended) <= h.lastDate(l, c, begun)
	default:
		if l.Runs() == calendar.Working {
			return c.Between(begun, ended) <= h.WorkingTime(l.Within)
		}
		return c.Within(begun, ended, time.Duration(l.Within), l.Runs())
	}
}

// DueAt is when a limit of this version is used up, for a person to read.
// [Handbook.OnTime] decides: on a clock that stands while the office is closed,
// nothing becomes late before it opens. Limits of whole days are due when the
// day ends, at 24:00.
func (h *Handbook) DueAt(l *Limit, c *calendar.Calendar, begun, own time.Time) time.Time {
	switch l.Form() {
	case FormBefore:
		return own.Add(-time.Duration(l.Before))
	case FormDueAt:
		return c.DueAt(own, 0, l.Runs())
	case FormDayOfMonth, FormEndOf:
		return (h.lastDate(l, c, begun) + 1).In(c.Zone())
	default:
		if l.Runs() == calendar.Working {
			return c.Add(begun, h.WorkingTime(l.Within))
		}
		return c.DueAt(begun, time.Duration(l.Within), l.Runs())
	}
}

// WorkingTime is how much working time a limit within d leaves: a day is a
// working day of this version's office hours.
func (h *Handbook) WorkingTime(d Duration) time.Duration {
	return calendar.WorkingTime(time.Duration(d), calendar.Length(h.OfficeHours))
}

// lastDate is the last day on which a limit of whole days is kept.
func (h *Handbook) lastDate(l *Limit, c *calendar.Calendar, begun time.Time) calendar.Date {
	last := h.nominalDate(l, c.DateAt(begun))
	if l.Runs() == calendar.RollForward {
		return c.WorkdayFrom(last)
	}
	return last
}

func (h *Handbook) nominalDate(l *Limit, begun calendar.Date) calendar.Date {
	year, month, _ := begun.Date()
	switch {
	case l.Form() == FormDayOfMonth:
		return calendar.DateOf(year, month, l.DayOfMonth)
	case l.EndOf == "day":
		return begun
	case l.EndOf == "week": // ends on Sunday
		return begun + calendar.Date((7-int(begun.Weekday()))%7)
	default:
		passed := (int(month) - h.FiscalYearStart + 12) % l.Months()
		return calendar.DateOf(year, month+time.Month(l.Months()-passed), 1) - 1
	}
}
