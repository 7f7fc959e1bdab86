package analytics_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/analytics"
)

// Every figure says by which promises it is computed, and whether it rests on
// holidays that nobody has announced.
func TestEveryFigureNamesItsVersions(t *testing.T) {
	hb, cal := office(), workdays(t, "Asia/Shanghai")
	hb.Version = "2026-04"
	m := analytics.New(store(t), hb, cal).Publishing(0, nil)
	long := analytics.Query{From: day(2026, time.January, 1), To: day(2027, time.June, 1), Clock: analytics.ClockWorking}
	for _, d := range analytics.Catalogue() {
		r := ask(t, m, d.Metric, long)
		want := analytics.Versions{HandbookVersion: "2026-04", HandbookFingerprint: hb.History().Fingerprint(), CalendarVersion: cal.Version()}
		want.ProvisionalYears = r.ProvisionalYears
		if diff := cmp.Diff(want, r.Versions); diff != "" {
			t.Errorf("%s (-want +got):\n%s", d.Metric, diff)
		}
		if years := r.ProvisionalYears; len(d.Clocks) > 0 && !slices.Equal(years, []int{2027}) {
			t.Errorf("%s on the working clock: provisional years %v", d.Metric, years)
		}
	}
	long.Clock = analytics.ClockElapsed
	if r := ask(t, m, "lead_time", long); r.ProvisionalYears != nil {
		t.Errorf("provisional years %v on the elapsed clock, to which no holiday matters", r.ProvisionalYears)
	}
	short := analytics.Query{From: day(2026, time.January, 1), To: day(2026, time.July, 1), Clock: analytics.ClockWorking}
	if r := ask(t, m, "lead_time", short); r.ProvisionalYears != nil {
		t.Errorf("provisional years %v in a year whose holidays are announced", r.ProvisionalYears)
	}
}
