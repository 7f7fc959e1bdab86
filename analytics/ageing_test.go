package analytics_test

import (
	"testing"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/oracle"
)

// Every open case is in one class of ages, and behind a class are its cases.
func TestAgeing(t *testing.T) {
	d := dice(21)
	records := story(d).Copies(oracle.Log(story(d).Tell(storyCases)))
	conn := store(t)
	insert(t, conn, records)
	m := overFacts(conn, office(), workdays(t, "Asia/Shanghai"))
	for _, clock := range []analytics.Clock{analytics.ClockElapsed, analytics.ClockWorking} {
		for _, by := range []analytics.By{analytics.ByNone, analytics.ByProcess} {
			q := analytics.Query{From: day(2026, time.January, 1), To: day(2026, time.July, 1), Zone: time.UTC, Clock: clock, By: by, Limit: 5}
			got, err := m.Ageing(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			var n, inGroups uint64
			for i, c := range got.Classes {
				n += c.N
				cases, err := m.Cases(t.Context(), analytics.CaseQuery{
					Query: q, About: "work_in_progress",
					AtLeast: time.Duration(c.From * float64(time.Second)), Below: time.Duration(c.Below * float64(time.Second)),
				})
				if err != nil {
					t.Fatal(err)
				}
				if cases.Total != c.N {
					t.Errorf("%s clock, class %d has %d, behind it are %d", clock, i, c.N, cases.Total)
				}
			}
			for _, g := range got.Groups {
				inGroups += g.N
			}
			series := ask(t, m, "work_in_progress", q).Series
			var want uint64
			for i, s := range series {
				want += s.Points[0].N
				equal(t, "group", got.Groups[i].Key, s.Key)
				equal(t, "n of "+s.Key, got.Groups[i].N, s.Points[0].N)
			}
			if n != want || inGroups != want || got.N != want || want == 0 || len(got.Oldest) != 5 {
				t.Errorf("%d in classes, %d in groups, %d said, %d open, %d of the oldest", n, inGroups, got.N, want, len(got.Oldest))
			}
			if last := got.Classes[len(got.Classes)-1]; last.Below != 0 || last.FromDays != 20 || got.Oldest[0].Seconds < last.From && last.N > 0 {
				t.Errorf("the last class is %+v, the oldest case %+v", last, got.Oldest[0])
			}
		}
	}
}
