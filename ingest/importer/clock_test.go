package importer

import (
	"strings"
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	f := func(c clock, in, want string) {
		t.Helper()
		if c.zone == nil {
			c.zone = time.UTC
		}
		got, err := c.parse(in)
		if err != nil {
			t.Error(err)
			return
		}
		if s := got.time.Format("2006-01-02 15:04:05.999"); s != want {
			t.Errorf("%q is %s, want %s", in, s, want)
		}
	}
	f(clock{}, "2026-01-02T03:04:05Z", "2026-01-02 03:04:05")
	f(clock{}, "2026-01-02T03:04:05.678+08:00", "2026-01-01 19:04:05.678")
	f(clock{}, "2026-01-02T03:04:05.6789999-0530", "2026-01-02 08:34:05.678")
	f(clock{zone: rome}, "2026-01-02 03:04:05+00", "2026-01-02 03:04:05")
	f(clock{zone: rome}, "2026-01-02 03:04:05 UTC", "2026-01-02 03:04:05")
	f(clock{}, "2026-01-02 03:04:05", "2026-01-02 03:04:05")
	f(clock{}, "2026-01-02 03:04:05.1", "2026-01-02 03:04:05.1")
	f(clock{}, "2026-01-02 03:04:05,02", "2026-01-02 03:04:05.02")
	f(clock{}, "2026-01-02T03:04", "2026-01-02 03:04:00")
	f(clock{}, "2026/1/2 3:04", "2026-01-02 03:04:00")
	f(clock{}, "2026.01.02 03:04", "2026-01-02 03:04:00")
	f(clock{}, " 2026-01-02  03:04 ", "2026-01-02 03:04:00")
	f(clock{}, "2026-01-02", "2026-01-02 00:00:00")
	f(clock{}, "2026年1月2日 15:04", "2026-01-02 15:04:00")
	f(clock{}, "2026年01月02日15:04:05", "2026-01-02 15:04:05")
	f(clock{}, "29-02-2016 01:16", "2016-02-29 01:16:00")
	f(clock{}, "03/04/2016 01:16", "2016-04-03 01:16:00")
	f(clock{monthFirst: true}, "03/04/2016 01:16", "2016-03-04 01:16:00")
	f(clock{zone: rome}, "2026-07-01 12:00", "2026-07-01 10:00:00")
	for _, day := range []time.Time{
		time.Date(2026, 3, 29, 2, 30, 0, 0, rome),  // does not exist
		time.Date(2026, 10, 25, 2, 30, 0, 0, rome), // exists twice
	} {
		f(clock{zone: rome}, day.Format(time.DateOnly)+" 02:30", day.UTC().Format("2006-01-02 15:04:05"))
	}
	f(clock{serial: serial1900}, "46024.5", "2026-01-02 12:00:00")
	f(clock{serial: serial1900}, "46024.000011574073", "2026-01-02 00:00:01")
	f(clock{serial: serial1900}, "1", "1900-01-01 00:00:00")
	f(clock{serial: serial1900}, "61", "1900-03-01 00:00:00")
	f(clock{serial: serial1904}, "44562", "2026-01-02 00:00:00")
}

func TestClockRefuses(t *testing.T) {
	for _, in := range []string{
		"", "x", "2026", "2026-01", "2026-01-0210:00", "2026-1-2T", "2026-01-02 10", "2026-01-02 10:0", "2026-01/02 10:00", "2026-01-02 10:00:00.",
		"2026-01-02 10:00 PM", "2026-01-02 10:00+8", "2026-01-02 10:00+25:00", "2026年1月2", "20260102", "1767322800", "201-01-02 10:00",
		"2026-02-29 10:00", "2026-04-31 10:00", "2026-00-01 10:00", "2026-01-00 10:00", "2026-01-02 24:00", "2026-01-02 10:60", "2026-01-02 10:00:60", "31-13-2026 10:00",
	} {
		c := clock{zone: time.UTC}
		if got, err := c.parse(in); err == nil {
			t.Errorf("%q was read as %s", in, got.time)
		}
	}
	c := clock{zone: time.UTC, serial: serial1900}
	for _, in := range []string{"-1", "2958466", "NaN", "Inf", "1e300"} {
		if got, err := c.parse(in); err == nil {
			t.Errorf("%q was read as %s", in, got.time)
		}
	}
}

// FuzzTime: whatever a cell holds, reading it ends with a time or an error; what
// RFC 3339 allows is read as package time reads it.
func FuzzTime(f *testing.F) {
	for _, s := range []string{"2026-01-02T03:04:05.678+08:00", "02-01-2026 15:04", "2026年1月2日 15:04", "46024.5", "2026-01-02 03:04:05,9999999", "1e999"} {
		f.Add(s, false)
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, s string, workbook bool) {
		c := clock{zone: time.UTC}
		if workbook {
			c.serial = serial1900
		}
		got, err := c.parse(s)
		want, wantErr := time.Parse(time.RFC3339, s)
		// package time lets an hour have one digit and an offset be 24:60, and takes any number of fraction digits.
		if wantErr == nil && len(s) <= len("2026-01-02T03:04:05.123456789+08:00") && !strings.Contains(s, "+24") && !strings.Contains(s, "-24") && !strings.Contains(s, ":60") {
			if err != nil || !got.time.Equal(want.Truncate(time.Millisecond)) {
				t.Errorf("%q: got %v, %v; want %v", s, got.time, err, want)
			}
		}
		if err == nil && got.time != got.time.Truncate(time.Millisecond).UTC() {
			t.Errorf("%q: %v is no UTC time in milliseconds", s, got.time)
		}
	})
}
