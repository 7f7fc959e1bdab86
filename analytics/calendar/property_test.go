package calendar_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"example.com/officepulse/analytics/calendar"
)

// office shows itself in words instead of day by day.
type office struct {
	*calendar.Calendar

	hours []calendar.Slot
}

func (o office) GoString() string { return fmt.Sprintf("%s, open %+v", o.Zone(), o.hours) }

// offices have hours that begin after clocks are put forward and back at night.
// A calendar takes a while to make, so that they are made once.
func offices(t *testing.T) *rapid.Generator[office] {
	t.Helper()
	var all []office
	for _, name := range []string{"UTC", "Asia/Shanghai", "America/New_York"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, hours := range [][]calendar.Slot{
			{{From: 8*3600 + 1800, To: 12 * 3600}, {From: 13*3600 + 1800, To: 18 * 3600}},
			{{From: 4 * 3600, To: 23 * 3600}},
			{{From: 5 * 3600, To: 5*3600 + 1}, {From: 5*3600 + 1, To: 5*3600 + 2}, {From: 21 * 3600, To: 21*3600 + 7}},
		} {
			c, err := calendar.New(zone, hours)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, office{c, hours})
		}
	}
	return rapid.SampledFrom(all)
}

// anInstant lies in or around the years of the calendar, to the millisecond.
func anInstant() *rapid.Generator[time.Time] {
	near := time.Date(2026, 9, 18, 0, 0, 0, 0, time.UTC) // a make-up Sunday and a holiday are close
	far := time.Date(1899, 1, 1, 0, 0, 0, 0, time.UTC)
	return rapid.Custom(func(t *rapid.T) time.Time {
		if rapid.Bool().Draw(t, "far") {
			return far.AddDate(0, 0, rapid.IntRange(0, 204*365).Draw(t, "day")).Add(time.Duration(rapid.IntRange(0, 86_399_999).Draw(t, "ms")) * time.Millisecond)
		}
		return near.Add(time.Duration(rapid.IntRange(0, 30*86_400_000).Draw(t, "ms")) * time.Millisecond)
	})
}

// TestWorkingTimeOfAnyInstants: what passes until an instant in between and what passes after it is what
// passes in all; no more than has elapsed, and nothing backwards.
func TestWorkingTimeOfAnyInstants(t *testing.T) {
	all := offices(t)
	rapid.Check(t, func(t *rapid.T) {
		c := all.Draw(t, "office")
		at := rapid.SliceOfN(anInstant(), 3, 3).Draw(t, "instants")
		from, between, to := at[0], at[1], at[2]
		if whole := c.Between(from, to); c.Between(from, between)+c.Between(between, to) != whole {
			t.Errorf("%v and %v are not %v", c.Between(from, between), c.Between(between, to), whole)
		}
		if there, back := c.Between(from, to), c.Between(to, from); there != -back {
			t.Errorf("there %v, back %v", there, back)
		}
		if to.Before(from) {
			from, to = to, from
		}
		if d := c.Between(from, to); d < 0 || to.Sub(from) >= 0 && d > to.Sub(from) { // Sub saturates at 292 years
			t.Errorf("from %v to %v: %v of %v", from, to, d, to.Sub(from))
		}
	})
}

// TestAddOfAnyWorkingTime: Add goes to the first instant at which so much working time has passed.
func TestAddOfAnyWorkingTime(t *testing.T) {
	all := offices(t)
	rapid.Check(t, func(t *rapid.T) {
		c := all.Draw(t, "office")
		from := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.Int64Range(0, int64(10*365*24*time.Hour)).Draw(t, "from")))
		d := time.Duration(rapid.Int64Range(1, 200*int64(c.SecondsPerDay())*int64(time.Second)).Draw(t, "d"))
		to := c.Add(from, d)
		if got := c.Between(from, to); got != d {
			t.Errorf("%v after %v is %v, and between them lie %v", d, from, to, got)
		}
		if c.Between(from, to.Add(-time.Nanosecond)) >= d {
			t.Errorf("%v after %v is before %v", d, from, to)
		}
		if more := c.Add(from, d+time.Second); !more.After(to) {
			t.Errorf("%v after %v is %v, and a second more is %v", d, from, to, more)
		}
	})
}
