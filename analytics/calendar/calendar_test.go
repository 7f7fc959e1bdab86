package calendar_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"example.com/officepulse/analytics/calendar"
)

var officeHours = []calendar.Slot{{From: 8*3600 + 1800, To: 12 * 3600}, {From: 13*3600 + 1800, To: 18 * 3600}}

func shanghai(tb testing.TB) *calendar.Calendar {
	tb.Helper()
	c, err := calendar.New(chinaTime(tb), officeHours)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func chinaTime(tb testing.TB) *time.Location {
	tb.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		tb.Fatal(err)
	}
	return zone
}

func local(tb testing.TB, text string) time.Time {
	tb.Helper()
	at, err := time.ParseInLocation(time.DateTime, text, chinaTime(tb))
	if err != nil {
		tb.Fatal(err)
	}
	return at
}

func date(tb testing.TB, text string) calendar.Date {
	tb.Helper()
	d, err := calendar.ParseDate(text)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// The counts are those of the State Council's notices (DOMAIN.md §3).
func TestWorkdays(t *testing.T) {
	c := shanghai(t)
	count := func(from, to calendar.Date) (n int) {
		for d := from; d < to; d++ {
			if c.On(d).Workday {
				n++
			}
		}
		return n
	}
	for year, want := range map[int]int{2024: 251, 2025: 248, 2026: 248} {
		if got := count(calendar.DateOf(year, time.January, 1), calendar.DateOf(year+1, time.January, 1)); got != want {
			t.Errorf("%d has %d working days, want %d", year, got, want)
		}
	}
	quarter := 3 // of 2024, counted from 0
	for _, want := range []int{62, 59, 61, 67, 61, 59, 61, 66, 62} {
		year, month := 2024+quarter/4, time.Month(1+quarter%4*3)
		if got := count(calendar.DateOf(year, month, 1), calendar.DateOf(year, month+3, 1)); got != want {
			t.Errorf("%dQ%d has %d working days, want %d", year, 1+quarter%4, got, want)
		}
		quarter++
	}
}

func TestBetween(t *testing.T) {
	c := shanghai(t)
	f := func(from, to string, want time.Duration) {
		t.Helper()
		if got := c.Between(local(t, from), local(t, to)); got != want {
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

// What the notices of three years say, typed from them: free days, and
// Saturdays and Sundays that are worked.
var (
	noticeFree = []string{
		"2024-01-01..2024-01-01", "2024-02-10..2024-02-17", "2024-04-04..2024-04-06", "2024-05-01..2024-05-05", "2024-06-10..2024-06-10",
		"2024-09-15..2024-09-17", "2024-10-01..2024-10-07",
		"2025-01-01..2025-01-01", "2025-01-28..2025-02-04", "2025-04-04..2025-04-06", "2025-05-01..2025-05-05", "2025-05-31..2025-06-02",
		"2025-10-01..2025-10-08",
		"2026-01-01..2026-01-03", "2026-02-15..2026-02-23", "2026-04-04..2026-04-06", "2026-05-01..2026-05-05", "2026-06-19..2026-06-21",
		"2026-09-25..2026-09-27", "2026-10-01..2026-10-07",
	}
	noticeWorked = []string{
		"2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11", "2024-09-14", "2024-09-29", "2024-10-12",
		"2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
		"2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
	}
)

// slow knows working time minute by minute and from the lists above alone.
type slow map[string]bool // date -> worked, where a notice says so

func newSlow(tb testing.TB) slow {
	tb.Helper()
	s := make(slow)
	for _, stretch := range noticeFree {
		for d := date(tb, stretch[:10]); d <= date(tb, stretch[12:]); d++ {
			s[d.String()] = false
		}
	}
	for _, d := range noticeWorked {
		s[d] = true
	}
	return s
}

func (s slow) minutes(from, to time.Time) (n int) {
	for ; from.Before(to); from = from.Add(time.Minute) {
		worked, listed := s[from.Format(time.DateOnly)]
		if !listed {
			worked = from.Weekday() >= time.Monday && from.Weekday() <= time.Friday
		}
		clock := from.Format("15:04")
		if worked && (clock >= "08:30" && clock < "12:00" || clock >= "13:30" && clock < "18:00") {
			n++
		}
	}
	return n
}

// TestMinuteByMinute compares with the slow way on intervals of up to three
// weeks that lie anywhere in three years, and around every holiday, make-up day
// and turn of the year.
func TestMinuteByMinute(t *testing.T) {
	c, s := shanghai(t), newSlow(t)
	first := local(t, "2024-01-01 00:00:00")
	around := []time.Time{first, local(t, "2025-01-01 00:00:00"), local(t, "2026-01-01 00:00:00")}
	for _, d := range slices.Concat(noticeFree, noticeWorked) {
		around = append(around, local(t, d[:10]+" 00:00:00"))
	}
	const most = 21 * 24 * 60
	rapid.Check(t, func(rt *rapid.T) {
		from := first.Add(time.Duration(rapid.IntRange(0, 3*365*24*60-most).Draw(rt, "minute")) * time.Minute)
		if rapid.Bool().Draw(rt, "around") {
			from = rapid.SampledFrom(around).Draw(rt, "day").Add(time.Duration(rapid.IntRange(-5*24*60, 24*60).Draw(rt, "minutes from it")) * time.Minute)
			from = from.Add(max(0, first.Sub(from))) // the lists begin there
		}
		to := from.Add(time.Duration(rapid.IntRange(0, most).Draw(rt, "length")) * time.Minute)
		if to.Year() > 2026 {
			to = local(t, "2026-12-31 23:59:00")
		}
		if got, want := c.Between(from, to), time.Duration(s.minutes(from, to))*time.Minute; got != want {
			rt.Errorf("from %v to %v: got %v, want %v", from, to, got, want)
		}
	})
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

// "Within 24 hours" of a signature on the eve of a holiday (DOMAIN.md §1.3).
func TestDueAt(t *testing.T) {
	c := shanghai(t)
	f := func(start string, d time.Duration, clock calendar.Clock, want string) {
		t.Helper()
		if got := c.DueAt(local(t, start), d, clock); !got.Equal(local(t, want)) {
			t.Errorf("%s + %v %s: got %v, want %s", start, d, clock, got, want)
		}
		if !c.Within(local(t, start), local(t, want), d, clock) || c.Within(local(t, start), c.Opens(local(t, want)).Add(time.Second), d, clock) {
			t.Errorf("%s + %v %s: Within does not part at %s", start, d, clock, want)
		}
	}
	const signed = "2026-09-30 17:00:00"
	f(signed, 24*time.Hour, calendar.Elapsed, "2026-10-01 17:00:00")
	f(signed, 24*time.Hour, calendar.Working, "2026-10-08 17:00:00")
	f(signed, 24*time.Hour, calendar.RollForward, "2026-10-08 08:30:00")
	f("2026-10-08 10:00:00", 24*time.Hour, calendar.RollForward, "2026-10-09 10:00:00")
	f("2026-10-08 19:00:00", 24*time.Hour, calendar.RollForward, "2026-10-10 08:30:00") // a make-up Saturday
	f("2026-10-08 12:30:00", 24*time.Hour, calendar.RollForward, "2026-10-09 13:30:00") // lunch
	f("2026-10-08 18:00:00", 24*time.Hour, calendar.RollForward, "2026-10-10 08:30:00") // closing time is no office hour
	f("2026-10-08 09:00:00", 28*time.Hour, calendar.Working, "2026-10-09 14:30:00")     // a day and four hours
	f("2026-10-08 09:00:00", 4*time.Hour, calendar.Working, "2026-10-08 14:30:00")
	f("2026-12-31 17:00:00", 48*time.Hour, calendar.Working, "2027-01-05 17:00:00") // over New Year, free by law
}

func TestCalendarEnds(t *testing.T) {
	c := shanghai(t)
	end := local(t, "2101-01-01 00:00:00")
	if got := c.Add(local(t, "2100-12-31 17:00:00"), 80*time.Hour); !got.Equal(end) {
		t.Errorf("Add goes to %v", got)
	}
	if got := c.Opens(end); !got.Equal(end) {
		t.Errorf("the office opens at %v", got)
	}
	if d := calendar.DateOf(2101, time.March, 1); c.WorkdayFrom(d) != d || c.On(d).Workday {
		t.Errorf("%s is worked", d)
	}
}

func TestNewRefuses(t *testing.T) {
	f := func(rules calendar.Rules, want string) {
		t.Helper()
		if _, err := calendar.Build(rules); err == nil || err.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	usual := []calendar.HoursFrom{{Slots: officeHours}}
	f(calendar.Rules{Hours: usual}, "the time zone is missing")
	f(calendar.Rules{Zone: time.UTC}, "office hours are missing")
	f(calendar.Rules{Zone: time.UTC, Hours: []calendar.HoursFrom{{}}}, "office hours are missing")
	f(calendar.Rules{Zone: time.UTC, Hours: []calendar.HoursFrom{{Slots: []calendar.Slot{{From: 5, To: 9}, {From: 8, To: 10}}}}}, "office hours overlap or are out of order")
	f(calendar.Rules{Zone: time.UTC, Hours: slices.Concat(usual, usual)}, "office hours are not in order of their dates")
	f(calendar.Rules{Zone: time.UTC, Hours: usual, Years: []calendar.YearFile{{Year: 2027}, {Year: 2027}}}, "there are two year files of 2027")
	f(calendar.Rules{Zone: time.UTC, Hours: usual, Days: []calendar.Override{{From: 1, To: 1, Work: true, Slots: []calendar.Slot{}}}}, "1970-01-02: office hours are missing")
	var many []calendar.Override
	for i := range calendar.MaxKinds {
		many = append(many, calendar.Override{From: calendar.Date(i), To: calendar.Date(i), Work: true, Slots: []calendar.Slot{{From: 0, To: i + 1}}})
	}
	f(calendar.Rules{Zone: time.UTC, Hours: usual, Days: many}, fmt.Sprintf("there are more than %d different office hours", calendar.MaxKinds))
}

func ExampleCalendar_DueAt() {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	c, err := calendar.New(zone, []calendar.Slot{{From: 8*3600 + 1800, To: 12 * 3600}, {From: 13*3600 + 1800, To: 18 * 3600}})
	if err != nil {
		panic(err)
	}
	signed := time.Date(2026, time.September, 30, 17, 0, 0, 0, zone)
	for _, clock := range calendar.Clocks() {
		fmt.Println(c.DueAt(signed, 24*time.Hour, clock).Format("2006-01-02 15:04"), clock)
	}
	// Output:
	// 2026-10-01 17:00 elapsed
	// 2026-10-08 17:00 working
	// 2026-10-08 08:30 elapsed_roll_forward
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
