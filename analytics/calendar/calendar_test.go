package calendar_test

import (
	"testing"
	"time"

	"example.com/officepulse/analytics/calendar"
)

func shanghai(t *testing.T) *calendar.Calendar {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	c, err := calendar.New(zone, []calendar.Slot{{From: 8*3600 + 1800, To: 12 * 3600}, {From: 13*3600 + 1800, To: 18 * 3600}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The counts are those of the State Council's notices (DOMAIN.md §3).
func TestWorkdaysOfYear(t *testing.T) {
	c := shanghai(t)
	for year, want := range map[int]int{2024: 251, 2025: 248, 2026: 248} {
		got := 0
		for d := time.Date(year, 1, 1, 12, 0, 0, 0, c.Zone()); d.Year() == year; d = d.AddDate(0, 0, 1) {
			if c.Workday(d) {
				got++
			}
		}
		if got != want {
			t.Errorf("%d has %d working days, want %d", year, got, want)
		}
	}
	if calendar.Known(2027) || !calendar.Known(2026) {
		t.Error("2026 is announced, 2027 is not")
	}
}

func TestBetween(t *testing.T) {
	c := shanghai(t)
	at := func(s string) time.Time {
		t.Helper()
		v, err := time.ParseInLocation("2006-01-02 15:04:05", s, c.Zone())
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	f := func(from, to string, want time.Duration) {
		t.Helper()
		if got := c.Between(at(from), at(to)); got != want {
			t.Errorf("from %s to %s: got %v, want %v", from, to, got, want)
		}
	}
	f("2026-09-21 09:00:00", "2026-09-21 10:00:00", time.Hour)
	f("2026-09-21 11:30:00", "2026-09-21 14:00:00", time.Hour)       // lunch does not count
	f("2026-09-21 17:59:59", "2026-09-22 08:30:01", 2*time.Second)   // nor does the night
	f("2026-09-19 00:00:00", "2026-09-21 00:00:00", 8*time.Hour)     // Sunday the 20th is a make-up day
	f("2026-09-30 17:00:00", "2026-10-08 17:00:00", 8*time.Hour)     // across National Day
	f("2026-09-30 17:00:00", "2026-09-30 16:00:00", -time.Hour)      // backwards
	f("1948-01-26 22:59:00", "1948-01-26 23:59:00", 0)               // long before the first notice
	f("2105-01-03 09:00:00", "2105-01-04 09:00:00", 0)               // after the table's end
	f("2026-01-01 00:00:00", "2027-01-01 00:00:00", 248*8*time.Hour) // a whole year
}

// Add is the inverse of Between wherever the clock runs.
func TestAddInvertsBetween(t *testing.T) {
	c := shanghai(t)
	start := time.Date(2025, 12, 30, 3, 17, 0, 0, time.UTC)
	for step := range 2000 {
		from := start.Add(time.Duration(step) * 37 * time.Minute)
		d := time.Duration(step*step%100_000) * time.Second
		to := c.Add(from, d)
		if got := c.Between(from, to); got != d {
			t.Fatalf("from %v add %v gives %v, and between them lie %v", from, d, to, got)
		}
		if d > 0 && c.Between(from, to.Add(-time.Second)) >= d {
			t.Fatalf("from %v add %v gives %v, which is not the first such instant", from, d, to)
		}
	}
}
