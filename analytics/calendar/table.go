package calendar

import "time"

// Table is the calendar as ClickHouse gets it: the ordinary hours of Monday to
// Friday by date, and the days that differ.
type Table struct {
	FirstDay time.Time // midnight UTC of the date of day 0
	Days     int       // how many days there are; outside of them all is free

	Kinds [][]Slot // different hours of a day; the first are none: a free day

	UsualFrom []int // days, the first is 0, from which ...
	UsualKind []int // ... Monday to Friday have these hours

	Exceptions []int // days, in order, that differ from that ...
	Kind       []int // ... and the hours that they have
}

// Table returns the calendar for ClickHouse. Its slices are shared: read only.
func (c *Calendar) Table() Table {
	t := Table{FirstDay: firstDay.utc(), Days: len(c.kindOf), Kinds: c.kinds}
	for _, u := range c.usual {
		t.UsualFrom, t.UsualKind = append(t.UsualFrom, u.day), append(t.UsualKind, u.kind)
	}
	period := 0
	for i, kind := range c.kindOf {
		for period+1 < len(t.UsualFrom) && i >= t.UsualFrom[period+1] {
			period++
		}
		expected := 0
		if rhythm(firstDay + Date(i)).work {
			expected = t.UsualKind[period]
		}
		if int(kind) != expected {
			t.Exceptions, t.Kind = append(t.Exceptions, i), append(t.Kind, int(kind))
		}
	}
	return t
}
