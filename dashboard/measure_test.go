package dashboard

import (
	"testing"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/dashboard/i18n"
)

func testWords(tb testing.TB, l i18n.Language) i18n.Messages {
	tb.Helper()
	c, err := i18n.Load()
	if err != nil {
		tb.Fatal(err)
	}
	return c.In(l)
}

func TestChange(t *testing.T) {
	zh, en := testWords(t, i18n.Chinese), testWords(t, i18n.English)
	working := days(analytics.ClockWorking, 28800, mean)
	elapsed := days(analytics.ClockElapsed, 28800, mean)
	f := func(name string, m measure, now, before *float64, wantZH, wantEN string, want verdict) {
		t.Helper()
		got := m.change(zh, now, before)
		if got.Text != wantZH || got.Verdict != want {
			t.Errorf("%s: got %q %q, want %q %q", name, got.Text, got.Verdict, wantZH, want)
		}
		if got := m.change(en, now, before); got.Text != wantEN || got.Verdict != want {
			t.Errorf("%s: got %q %q, want %q %q", name, got.Text, got.Verdict, wantEN, want)
		}
	}
	p := func(v float64) *float64 { return &v }
	f("rate falls", percent(), p(4.2), p(7.1), "−2.9 个百分点", "−2.9 pp", better)
	f("rate rises", percent(), p(7.1), p(4.2), "+2.9 个百分点", "+2.9 pp", worse)
	f("rate stays", percent(), p(4.2), p(4.23), "0.0 个百分点", "0.0 pp", same)
	f("time falls", working, p(1.4), p(3.2), "−1.8 工作日", "−1.8 days", better)
	f("time rises on the other clock", elapsed, p(3), p(2.5), "+0.5 自然日", "+0.5 days", worse)
	f("score rises", score(), p(92), p(74.8), "+17.2 分", "+17.2 points", better)
	f("score falls", score(), p(74.8), p(92), "−17.2 分", "−17.2 points", worse)
	f("count rises", cases(), p(110), p(100), "+10.0%", "+10.0%", more)
	f("count falls", cases(), p(90), p(100), "−10.0%", "−10.0%", fewer)
	f("count from nothing", cases(), p(90), p(0), "—", "—", unknown)
	f("nothing before", percent(), p(4.2), nil, "—", "—", unknown)
	f("nothing now", percent(), nil, p(4.2), "—", "—", unknown)
}

func TestMeasures(t *testing.T) {
	point := &analytics.Point{N: 8, Count: new(uint64(3)), Rate: new(0.375), Mean: new(57600.0)}
	f := func(name string, m measure, want string) {
		t.Helper()
		if got := m.text(m.of(point)); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	f("working days", days(analytics.ClockWorking, 28800, mean), "2.0")
	f("calendar days", days(analytics.ClockElapsed, 28800, mean), "0.7")
	f("a figure the point lacks", days(analytics.ClockWorking, 28800, median), "—")
	f("per cent", percent(), "37.5")
	f("cases", cases(), "3")
	if got := percent().of(nil); got != nil {
		t.Errorf("no point: got %v, want nothing", *got)
	}
}

func TestNumber(t *testing.T) {
	f := func(v float64, decimals int, want, wantSigned string) {
		t.Helper()
		if got := number(v, decimals); got != want {
			t.Errorf("number(%v): got %q, want %q", v, got, want)
		}
		if got := signed(v, decimals); got != wantSigned {
			t.Errorf("signed(%v): got %q, want %q", v, got, wantSigned)
		}
	}
	f(0, 1, "0.0", "0.0")
	f(-0.04, 1, "0.0", "0.0")
	f(0.04, 1, "0.0", "0.0")
	f(-0.06, 1, "−0.1", "−0.1")
	f(4.2, 1, "4.2", "+4.2")
	f(999, 0, "999", "+999")
	f(1000, 0, "1,000", "+1,000")
	f(-1234567.89, 1, "−1,234,567.9", "−1,234,567.9")
}

func TestFiscal(t *testing.T) {
	f := func(first int, label, wantStart, wantEnd string) {
		t.Helper()
		calendar := fiscal{zone: shanghai, first: time.Month(first)}
		q, ok := parseQuarter(label)
		if !ok || q.String() != label {
			t.Fatalf("%s: parsed as %v", label, q)
		}
		if got := calendar.start(q).Format("2006-01-02"); got != wantStart {
			t.Errorf("%s from month %d: starts %s, want %s", label, first, got, wantStart)
		}
		if got := calendar.end(q).Format("2006-01-02"); got != wantEnd {
			t.Errorf("%s from month %d: ends %s, want %s", label, first, got, wantEnd)
		}
		for _, inside := range []int{0, 45, 88} {
			if got := calendar.of(calendar.start(q).AddDate(0, 0, inside)); got != q {
				t.Errorf("day %d of %s lies in %s", inside, label, got)
			}
		}
	}
	f(1, "2026Q1", "2026-01-01", "2026-04-01")
	f(1, "2026Q4", "2026-10-01", "2027-01-01")
	f(4, "2026Q1", "2026-04-01", "2026-07-01")
	f(4, "2026Q4", "2027-01-01", "2027-04-01")
	f(12, "2026Q1", "2026-12-01", "2027-03-01")
	for _, bad := range []string{"", "2026", "2026Q5", "2026Q0", "26Q1", "2126Q1", "2026Q1 ", "２０２６Q1"} {
		if q, ok := parseQuarter(bad); ok {
			t.Errorf("%q was read as %s", bad, q)
		}
	}
	if got := (quarter{2026, 1}).add(-5); got != (quarter{2024, 4}) {
		t.Errorf("five quarters before 2026Q1: got %s", got)
	}
	if got := (quarter{2026, 3}).minus(quarter{2024, 4}); got != 7 {
		t.Errorf("2026Q3 − 2024Q4: got %d", got)
	}
}

func TestUsualQuarter(t *testing.T) {
	calendar := fiscal{zone: shanghai, first: 1}
	q := func(label string) quarter { q, _ := parseQuarter(label); return q }
	f := func(name, want string, withData ...string) {
		t.Helper()
		list := make([]quarter, len(withData))
		for i, label := range withData {
			list[i] = q(label)
		}
		if got := calendar.usual(list, testNow); got.String() != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	f("the running quarter is not complete", "2026Q3", "2026Q2", "2026Q3", "2026Q4")
	f("a gap before the running quarter", "2026Q1", "2026Q1", "2026Q4")
	f("nothing complete yet", "2026Q4", "2026Q4")
	f("old logs beside the story", "2026Q3", "2010Q1", "2013Q4", "2024Q4", "2026Q3")
	f("old data", "2012Q2", "2012Q1", "2012Q2")
	if got := nearest([]quarter{q("2025Q1"), q("2026Q3")}, q("2027Q2")); got != q("2026Q3") {
		t.Errorf("nearest after the end: got %s", got)
	}
	if got := nearest([]quarter{q("2025Q1"), q("2025Q3")}, q("2025Q2")); got != q("2025Q3") {
		t.Errorf("nearest of two: got %s", got)
	}
}
