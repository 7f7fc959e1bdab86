package analytics

import (
	"slices"
	"time"
)

// marks tell when figures of which months (UTC, years * 12 + months) last changed.
// A mark counts for its month and all later ones.
type marks struct {
	months []uint32 // in order
	newest []uint64 // of the month and those before it
}

func newMarks(of map[uint32]uint64) marks {
	var m marks
	for month := range of {
		m.months = append(m.months, month)
	}
	slices.Sort(m.months)
	var newest uint64
	for _, month := range m.months {
		newest = max(newest, of[month])
		m.newest = append(m.newest, newest)
	}
	return m
}

// until is the newest mark of the months up to the one before to: as long as it
// stays what it is, no figure of a period that ends there has changed.
func (m marks) until(to time.Time) uint64 {
	last := monthOf(to.Add(-time.Millisecond))
	at, found := slices.BinarySearch(m.months, last)
	if !found {
		at--
	}
	if at < 0 {
		return 0
	}
	return m.newest[at]
}

// quiet reports whether no figure of a period that ends at to has changed for a while.
func (m marks) quiet(to time.Time) bool {
	return time.Since(time.Unix(0, int64(m.until(to)))) >= quietTime //nolint:gosec // until 2262
}

// quietTime is how long nothing has to have changed for figures to count as settled.
const quietTime = 2 * time.Second

// monthOf numbers the months since the year 0, in UTC.
func monthOf(t time.Time) uint32 {
	t = t.UTC()
	return uint32(t.Year()*12 + int(t.Month()) - 1) //nolint:gosec // years are positive
}

// quarterOf numbers the quarters since the year 0, in UTC, as case_facts does.
func quarterOf(t time.Time) uint16 { return uint16(monthOf(t) / 3) } //nolint:gosec // until the year 16383
