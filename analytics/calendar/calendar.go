// Package calendar knows working time: which days the office works (Chinese
// statutory holidays with their make-up workdays, and what the company decides
// for itself) and at which hours. It answers "how much working time lies
// between two instants" and "when is it due" in Go, and hands the same
// knowledge to ClickHouse as a table of days.
package calendar

import (
	"fmt"
	"slices"
	"time"
)

// firstDay and lastDay bound the table of days. They contain every instant an
// event may carry up to the end of this century; outside of them no working
// time passes.
var (
	firstDay = DateOf(1900, time.January, 1)
	lastDay  = DateOf(2100, time.December, 31)
)

// Calendar is immutable and safe for concurrent use. Build it once: it is some
// milliseconds of work.
type Calendar struct {
	zone    *time.Location
	layers  *layers
	perDay  int
	kinds   [][]Slot // different hours of a day; the first are none: a free day
	kindOf  []uint8  // by day since firstDay, index of kinds
	before  []int64  // working seconds before each day's midnight; one longer than kindOf
	usual   []usual  // of Monday to Friday
	version string
}

// usual are ordinary office hours from a day on.
type usual struct{ day, kind int }

// New builds the calendar of an office in zone that has the same hours on every
// working day and follows the statutory holidays. Hours must be in order and apart.
func New(zone *time.Location, hours []Slot) (*Calendar, error) {
	return Build(Rules{Zone: zone, Hours: []HoursFrom{{Slots: hours}}})
}

// Build makes the calendar that follows from rules. Of every day the first layer
// that knows it decides: the company's own days, a year file, the notices that
// come with the package; a year without a notice is provisional (see
// [Calendar.Provisional]). The error says which rule contradicts itself.
func Build(rules Rules) (*Calendar, error) {
	if err := rules.check(); err != nil {
		return nil, err
	}
	n := int(lastDay-firstDay) + 1
	c := &Calendar{
		zone: rules.Zone, layers: newLayers(&rules), kinds: [][]Slot{nil},
		kindOf: make([]uint8, n), before: make([]int64, n+1),
	}
	for _, h := range rules.Hours {
		from := min(max(h.From, firstDay), lastDay+1)
		c.usual = append(c.usual, usual{day: int(from - firstDay), kind: c.kind(h.Slots)})
	}
	c.usual[0].day = 0
	standard := rules.Standard
	if standard == nil {
		standard = rules.Hours[len(rules.Hours)-1].Slots
	}
	c.perDay = Length(standard)
	for i, period := 0, 0; i < n; i++ {
		for period+1 < len(c.usual) && i >= c.usual[period+1].day {
			period++
		}
		kind := 0
		if decided := c.layers.decide(firstDay + Date(i)); decided.work && decided.slots != nil {
			kind = c.kind(decided.slots)
		} else if decided.work {
			kind = c.usual[period].kind
		}
		if len(c.kinds) > MaxKinds+1 {
			return nil, fmt.Errorf("there are more than %d different office hours", MaxKinds)
		}
		c.kindOf[i] = uint8(kind)
		c.before[i+1] = c.before[i] + int64(Length(c.kinds[kind]))
	}
	c.version = c.fingerprint()
	return c, nil
}

// kind is the index of slots in kinds, where they are put if need be.
func (c *Calendar) kind(slots []Slot) int {
	if i := slices.IndexFunc(c.kinds, sameSlots(slots)); i >= 0 {
		return i
	}
	c.kinds = append(c.kinds, slices.Clone(slots))
	return len(c.kinds) - 1
}

// Zone is the time zone whose midnights part the days.
func (c *Calendar) Zone() *time.Location { return c.zone }

// SecondsPerDay is the length of a working day, the divisor of "working days".
func (c *Calendar) SecondsPerDay() int { return c.perDay }

// DateAt is the local date of an instant.
func (c *Calendar) DateAt(t time.Time) Date { return DateOf(t.In(c.zone).Date()) }

// Day is what the calendar says about one day.
type Day struct {
	Date    Date
	Workday bool
	Hours   []Slot // office hours; none on a free day. Shared: read only
	Name    Name   // of a holiday, a make-up workday or a company's own day; empty for all others
	Source  Source // which layer decided
}

// Day tells about the local day of t. A day before 1900 or after 2100 is free.
func (c *Calendar) Day(t time.Time) Day { return c.On(c.DateAt(t)) }

// On tells about a date, see [Calendar.Day].
func (c *Calendar) On(d Date) Day {
	decided := c.layers.decide(d)
	slots := c.slots(d)
	return Day{Date: d, Workday: len(slots) > 0, Hours: slots, Name: decided.name, Source: decided.source}
}

// Workday reports whether the office works on the local day of t.
func (c *Calendar) Workday(t time.Time) bool { return len(c.slots(c.DateAt(t))) > 0 }

// slots are the office hours of a date.
func (c *Calendar) slots(d Date) []Slot {
	if d < firstDay || d > lastDay {
		return nil
	}
	return c.kinds[c.kindOf[d-firstDay]]
}

// secondsBefore is the working time before a date begins, from the first day on.
func (c *Calendar) secondsBefore(d Date) int64 {
	return c.before[min(max(d, firstDay), lastDay+1)-firstDay]
}

// reading is what the office's clock shows at t: the working time since the
// first day.
func (c *Calendar) reading(t time.Time) time.Duration {
	local := t.In(c.zone)
	d := c.DateAt(t)
	total := time.Duration(c.secondsBefore(d)) * time.Second
	clock := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute +
		time.Duration(local.Second())*time.Second + time.Duration(local.Nanosecond())
	for _, s := range c.slots(d) {
		from, to := time.Duration(s.From)*time.Second, time.Duration(s.To)*time.Second
		total += max(0, min(clock, to)-from)
	}
	return total
}

// Between is the working time from a to b; negative when b lies before a.
func (c *Calendar) Between(a, b time.Time) time.Duration { return c.reading(b) - c.reading(a) }

// Add returns the first instant at which d >= 0 of working time has passed
// since t. Outside office hours the clock stands: Add(Saturday, 0) is Saturday,
// and a second more is a second into Monday. Where the calendar ends before d
// has passed, so does Add.
func (c *Calendar) Add(t time.Time, d time.Duration) time.Time {
	if d <= 0 {
		return t
	}
	goal := c.reading(t) + d
	lo, hi := min(max(c.DateAt(t), firstDay), lastDay), lastDay
	for lo < hi { // the first day at whose end the goal is reached
		mid := lo + (hi-lo)/2
		if time.Duration(c.secondsBefore(mid+1))*time.Second >= goal {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	rest := goal - time.Duration(c.secondsBefore(lo))*time.Second
	for _, s := range c.slots(lo) {
		length := time.Duration(s.Seconds()) * time.Second
		if rest <= length {
			return c.clock(lo, time.Duration(s.From)*time.Second+rest)
		}
		rest -= length
	}
	return (lo + 1).In(c.zone)
}

// clock is the instant at which clocks show a time of a day.
func (c *Calendar) clock(d Date, at time.Duration) time.Time {
	y, m, n := d.Date()
	return time.Date(y, m, n, 0, 0, int(at/time.Second), int(at%time.Second), c.zone)
}
