// Package calendar knows working time: which days the office works (Chinese
// statutory holidays with their make-up workdays) and at which hours. It
// answers "how much working time lies between two instants" in Go, one slot at
// a time, and hands the same knowledge to ClickHouse as a table of days.
package calendar

import (
	"errors"
	"fmt"
	"time"

	"github.com/6tail/lunar-go/HolidayUtil"
	"go.yaml.in/yaml/v3"
)

// Slot is a stretch of office hours within a day, in seconds since local
// midnight: 0 <= From < To <= 86400. In YAML it reads "08:30-12:00".
type Slot struct {
	From, To int
}

// UnmarshalYAML reads "08:30-12:00".
func (s *Slot) UnmarshalYAML(n *yaml.Node) error {
	var h1, m1, h2, m2 int
	if _, err := fmt.Sscanf(n.Value, "%d:%d-%d:%d", &h1, &m1, &h2, &m2); err != nil {
		return fmt.Errorf("line %d: %q is no stretch of office hours; write 08:30-12:00", n.Line, n.Value)
	}
	*s = Slot{From: h1*3600 + m1*60, To: h2*3600 + m2*60}
	if s.From < 0 || s.From >= s.To || s.To > 86400 || m1 > 59 || m2 > 59 {
		return fmt.Errorf("line %d: %q ends before it begins or leaves the day", n.Line, n.Value)
	}
	return nil
}

// Seconds is the length of the slot.
func (s Slot) Seconds() int { return s.To - s.From }

// firstDay and lastDay bound the table of days. They contain every instant an
// event may carry up to the end of this century; outside of them no working
// time passes.
var (
	firstDay = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	lastDay  = time.Date(2100, 12, 31, 0, 0, 0, 0, time.UTC)
)

// Calendar is immutable and safe for concurrent use.
type Calendar struct {
	zone    *time.Location
	hours   []Slot
	perDay  int
	workday []bool  // by day since firstDay
	before  []int64 // working seconds before each day's midnight; one longer than workday
}

// New builds the calendar of an office in zone with the given hours on working
// days, which must be in order and apart. Years that the State Council's notice
// does not cover yet (see [Calendar.Known]) work Monday to Friday.
func New(zone *time.Location, hours []Slot) (*Calendar, error) {
	if len(hours) == 0 {
		return nil, errors.New("office hours are missing")
	}
	c := &Calendar{zone: zone, hours: hours}
	end := 0
	for _, h := range hours {
		if h.From < end || h.To <= h.From || h.To > 86400 {
			return nil, errors.New("office hours overlap or are out of order")
		}
		end = h.To
		c.perDay += h.Seconds()
	}
	exceptions := statutory()
	n := int(lastDay.Sub(firstDay)/(24*time.Hour)) + 1
	c.workday = make([]bool, n)
	c.before = make([]int64, n+1)
	for i := range n {
		day := firstDay.AddDate(0, 0, i)
		work, listed := exceptions[day]
		if !listed {
			work = day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
		}
		c.workday[i] = work
		c.before[i+1] = c.before[i]
		if work {
			c.before[i+1] += int64(c.perDay)
		}
	}
	return c, nil
}

// statutory reads lunar-go's table once: date -> whether it is worked.
func statutory() map[time.Time]bool {
	days := make(map[time.Time]bool)
	for year := 2001; year <= lastDay.Year(); year++ {
		for l := HolidayUtil.GetHolidaysByYear(year); l.Len() > 0; l.Remove(l.Front()) {
			h, ok := l.Front().Value.(*HolidayUtil.Holiday)
			if !ok {
				continue
			}
			if day, err := time.Parse(time.DateOnly, h.GetDay()); err == nil {
				days[day] = h.IsWork()
			}
		}
	}
	return days
}

// Known reports whether the holidays of a year have been announced: only then
// is its National Day listed.
func Known(year int) bool {
	return HolidayUtil.GetHolidayByYmd(year, 10, 1) != nil
}

// Zone is the time zone whose midnights part the days.
func (c *Calendar) Zone() *time.Location { return c.zone }

// SecondsPerDay is the length of a working day, the divisor of "working days".
func (c *Calendar) SecondsPerDay() int { return c.perDay }

// Workday reports whether the office works on the local day of t.
func (c *Calendar) Workday(t time.Time) bool {
	i := c.index(t)
	return i >= 0 && i < len(c.workday) && c.workday[i]
}

func (c *Calendar) index(t time.Time) int {
	y, m, d := t.In(c.zone).Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(firstDay) / (24 * time.Hour))
}

// elapsed is the working time before t, from the first day on.
func (c *Calendar) elapsed(t time.Time) time.Duration {
	i := c.index(t)
	if i < 0 {
		return 0
	}
	if i >= len(c.workday) {
		return time.Duration(c.before[len(c.workday)]) * time.Second
	}
	total := time.Duration(c.before[i]) * time.Second
	if !c.workday[i] {
		return total
	}
	local := t.In(c.zone)
	clock := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute +
		time.Duration(local.Second())*time.Second + time.Duration(local.Nanosecond())
	for _, h := range c.hours {
		from, to := time.Duration(h.From)*time.Second, time.Duration(h.To)*time.Second
		total += max(0, min(clock, to)-from)
	}
	return total
}

// Between is the working time from a to b; negative when b lies before a.
func (c *Calendar) Between(a, b time.Time) time.Duration { return c.elapsed(b) - c.elapsed(a) }

// Add returns the first instant at which d >= 0 of working time has passed
// since t. Outside office hours the clock stands: Add(Saturday, 0) is Saturday,
// and a second more is a second into Monday.
func (c *Calendar) Add(t time.Time, d time.Duration) time.Time {
	if d <= 0 {
		return t
	}
	goal := c.elapsed(t) + d
	lo, hi := max(c.index(t), 0), len(c.workday)
	for lo < hi { // the first day at whose end the goal is reached
		mid := (lo + hi) / 2
		if time.Duration(c.before[mid+1])*time.Second >= goal {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	day := firstDay.AddDate(0, 0, lo)
	rest := goal
	if lo < len(c.workday) {
		rest -= time.Duration(c.before[lo]) * time.Second
	}
	for _, h := range c.hours {
		length := time.Duration(h.Seconds()) * time.Second
		if rest <= length {
			at := time.Duration(h.From)*time.Second + rest
			return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, int(at/time.Second), int(at%time.Second), c.zone)
		}
		rest -= length
	}
	return time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, c.zone)
}

// Table is the calendar as ClickHouse gets it.
type Table struct {
	FirstDay time.Time // midnight UTC of the date of Workday[0]
	Workday  []bool    // by day
	Before   []int64   // working seconds before the day's midnight
	From, To []int     // the slots of a working day, seconds since local midnight
}

// Table returns the calendar day by day. The slices are shared: read only.
func (c *Calendar) Table() Table {
	t := Table{FirstDay: firstDay, Workday: c.workday, Before: c.before[:len(c.workday)]}
	for _, h := range c.hours {
		t.From, t.To = append(t.From, h.From), append(t.To, h.To)
	}
	return t
}
