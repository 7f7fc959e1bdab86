package analytics

import (
	"testing"
	"time"
)

// A mark counts for its month and all later ones, and for none before.
func TestMarks(t *testing.T) {
	month := func(m time.Month) time.Time { return time.Date(2026, m, 1, 0, 0, 0, 0, time.UTC) }
	old := mark() - uint64(time.Hour)
	m := newMarks(map[uint32]uint64{monthOf(month(time.March)): old, monthOf(month(time.July)): mark()})
	for to, want := range map[time.Month]uint64{time.March: 0, time.April: old, time.July: old} {
		if got := m.until(month(to)); got != want {
			t.Errorf("until %s: %d, want %d", to, got, want)
		}
		if !m.quiet(month(to)) {
			t.Errorf("until %s figures are not settled, although only those of July change", to)
		}
	}
	if m.until(month(time.August)) <= old || m.quiet(month(time.August)) {
		t.Error("figures of July are settled although they have just changed")
	}
}
