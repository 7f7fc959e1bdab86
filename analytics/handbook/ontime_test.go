package handbook_test

import (
	"strings"
	"testing"
	"time"

	"example.com/officepulse/analytics/handbook"
)

// Limits by example: what begins and ends when, whether it is on time, and when
// it is due. Friday 2026-09-25 is Mid-Autumn Festival and free until Sunday,
// 1 to 7 October is National Day, Saturday 2026-10-10 a make-up workday.
func TestOnTime(t *testing.T) {
	f := func(limit, begun, ended, own, due string, want bool) {
		t.Helper()
		hb := parse(t, strings.Replace(valid, "fault_kinds:", "    limits:\n      - {key: l, name: {zh: 限, en: L}, "+limit+"}\nfault_kinds:", 1)).Latest()
		c, err := hb.Calendar()
		if err != nil {
			t.Fatal(err)
		}
		l := &hb.Processes[0].Limits[0]
		var promised time.Time
		if own != "" {
			promised = shanghai(t, own)
		}
		if got := hb.DueAt(l, c, shanghai(t, begun), promised); !got.Equal(shanghai(t, due)) {
			t.Errorf("%s from %s: due %s, want %s", limit, begun, got.In(c.Zone()).Format(time.DateTime), due)
		}
		if got := hb.OnTime(l, c, shanghai(t, begun), shanghai(t, ended), promised); got != want {
			t.Errorf("%s from %s to %s (%s): got %v", limit, begun, ended, own, got)
		}
	}
	const signed = "2026-09-30 17:00:00"
	f("within: 24h, clock: elapsed", signed, "2026-10-01 17:00:00", "", "2026-10-01 17:00:00", true)
	f("within: 24h, clock: elapsed", signed, "2026-10-01 17:00:01", "", "2026-10-01 17:00:00", false)
	f("within: 1d, clock: working", signed, "2026-10-08 17:00:00", "", "2026-10-08 17:00:00", true)
	f("within: 1d, clock: working", signed, "2026-10-08 17:00:01", "", "2026-10-08 17:00:00", false)
	f("within: 24h, clock: elapsed_roll_forward", signed, "2026-10-08 08:30:00", "", "2026-10-08 08:30:00", true)
	f("within: 24h, clock: elapsed_roll_forward", signed, "2026-10-08 08:30:01", "", "2026-10-08 08:30:00", false)
	f("within: 24h, clock: elapsed_roll_forward", "2026-10-08 10:00:00", "2026-10-09 10:00:01", "", "2026-10-09 10:00:00", false)
	f("within: 1d4h, clock: working", "2026-10-09 09:00:00", "2026-10-10 14:30:00", "", "2026-10-10 14:30:00", true)
	f("within: 1d, clock: working", "2026-10-08 08:30:00", "2026-10-08 21:00:00", "", "2026-10-08 18:00:00", true) // used up, and no office hour since
	f("within: 1d, clock: working", "2026-10-08 08:30:00", "2026-10-09 08:30:01", "", "2026-10-08 18:00:00", false)
	f("before: 1h, planned: start", signed, "2026-10-08 08:00:00", "2026-10-08 09:00:00", "2026-10-08 08:00:00", true)
	f("before: 1h, planned: start", signed, "2026-10-08 08:00:01", "2026-10-08 09:00:00", "2026-10-08 08:00:00", false)
	f("day_of_month: 5", "2026-07-01 09:00:00", "2026-07-06 23:59:59", "", "2026-07-07 00:00:00", true) // the 5th is a Sunday
	f("day_of_month: 5", "2026-07-01 09:00:00", "2026-07-07 00:00:00", "", "2026-07-07 00:00:00", false)
	f("day_of_month: 5, clock: elapsed", "2026-07-01 09:00:00", "2026-07-06 00:00:00", "", "2026-07-06 00:00:00", false)
	f("day_of_month: 5", "2026-07-08 09:00:00", "2026-07-08 09:00:00", "", "2026-07-07 00:00:00", false) // begun too late already
	f("day_of_month: 5", "2026-10-01 09:00:00", "2026-10-08 20:00:00", "", "2026-10-09 00:00:00", true)
	f("end_of: day", "2026-10-08 09:00:00", "2026-10-08 23:00:00", "", "2026-10-09 00:00:00", true)
	f("end_of: day", "2026-10-11 09:00:00", "2026-10-12 23:00:00", "", "2026-10-13 00:00:00", true) // a Sunday
	f("end_of: week", "2026-10-05 09:00:00", "2026-10-12 09:00:00", "", "2026-10-13 00:00:00", true)
	f("end_of: week, clock: elapsed", "2026-10-11 09:00:00", "2026-10-12 00:00:00", "", "2026-10-12 00:00:00", false)
	f("end_of: month, clock: elapsed", "2026-02-10 09:00:00", "2026-02-28 23:59:59", "", "2026-03-01 00:00:00", true)
	f("end_of: quarter, clock: elapsed", "2026-02-10 09:00:00", "2026-03-31 23:59:59", "", "2026-04-01 00:00:00", true)
	f("end_of: year, clock: elapsed", "2026-02-10 09:00:00", "2026-04-01 00:00:00", "", "2026-04-01 00:00:00", false) // the fiscal year of this handbook begins in April
	f("end_of: year, clock: elapsed", "2026-04-01 09:00:00", "2027-03-31 00:00:00", "", "2027-04-01 00:00:00", true)
	f("due_at: original", signed, "2026-10-01 12:00:00", "2026-10-01 12:00:00", "2026-10-01 12:00:00", true)
	f("due_at: original", signed, "2026-10-01 12:00:01", "2026-10-01 12:00:00", "2026-10-01 12:00:00", false)
	f("due_at: current, clock: elapsed_roll_forward", signed, "2026-10-08 08:30:00", "2026-10-01 12:00:00", "2026-10-08 08:30:00", true)
}

func TestParseDuration(t *testing.T) {
	f := func(text string, want time.Duration, written string) {
		t.Helper()
		got, err := handbook.ParseDuration(text)
		if (err == nil) != (want > 0) || time.Duration(got) != want || (err == nil && got.String() != written) {
			t.Errorf("%q is %v (%s), %v", text, time.Duration(got), got, err)
		}
	}
	f("30m", 30*time.Minute, "30m")
	f("24h", 24*time.Hour, "1d")
	f("2d", 48*time.Hour, "2d")
	f("1d4h5m", 28*time.Hour+5*time.Minute, "1d4h5m")
	for _, text := range []string{"", "0h", "-1h", "1.5h", "h", "2 days", "4h1d", "9999d", "1h1h"} {
		f(text, 0, "")
	}
}
