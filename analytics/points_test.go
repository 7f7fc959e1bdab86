package analytics_test

import (
	"slices"
	"testing"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/oracle"
)

// builtQuarters are how many the test of the points builds, the newest first.
const builtQuarters = 3

// TestPointsAgainstOracle asks for whole quarters and months once there is nothing
// left but their points, and compares with the slow computation.
func TestPointsAgainstOracle(t *testing.T) {
	d := dice(1)
	records := story(d).Copies(oracle.Log(story(d).Tell(2 * storyCases)))
	conn, hb, cal := store(t), office(), workdays(t, "Asia/Shanghai")
	insert(t, conn, records)
	m := overFacts(conn, hb, cal)
	for quarters := 0; quarters < builtQuarters; { // none before the figures have been quiet
		more, err := m.BuildPoints(t.Context())
		if err != nil {
			t.Fatalf("build the points of a quarter: %v", err)
		}
		if more {
			quarters++
		}
	}
	for _, table := range []string{"case_facts", "fault_facts"} {
		if err := conn.Exec(t.Context(), "TRUNCATE TABLE "+table); err != nil {
			t.Fatal(err)
		}
	}
	o := oracle.New(hb, cal, records)
	told := 0
	for _, metric := range analytics.Names() {
		if metric == "satisfaction" || slices.Contains(tables, metric) {
			continue
		}
		for range 2 * questionsPerMetric {
			q, ok := ofWholeMonths(d, metric, cal.Zone())
			if !ok {
				continue
			}
			for _, text := range o.CheckOne(t.Context(), m, q) {
				t.Error(text)
			}
			if len(ask(t, m, metric, q.Query).Series) > 0 {
				told++
			}
		}
	}
	if told < len(analytics.Names()) {
		t.Errorf("%d answers had any point", told)
	}
}

// ofWholeMonths is a random question about what points are built of: months or
// quarters in the office's zone and one value of a filter; ok is false for what
// they are not built of.
func ofWholeMonths(d oracle.Dice, metric string, zone *time.Location) (about oracle.Question, ok bool) {
	q := question(d, metric).Query
	if q.Bucket != analytics.BucketNone {
		q.Bucket = one(d, analytics.BucketQuarter, analytics.BucketMonth)
	}
	month := time.Month(4 + 3*d.IntN(builtQuarters))
	q.Zone, q.From, q.To = zone, analytics.DayStart(2026, month, 1, zone), analytics.DayStart(2026, month+3, 1, zone)
	for _, values := range []*[]string{&q.Process, &q.Department, &q.Class, &q.Stage, &q.Limits} {
		*values = (*values)[:min(1, len(*values))]
	}
	dimensions := map[analytics.By]bool{q.By: q.By == analytics.ByProcess || q.By == analytics.ByDepartment || q.By == analytics.ByClass}
	for by, values := range map[analytics.By][]string{analytics.ByProcess: q.Process, analytics.ByDepartment: q.Department, analytics.ByClass: q.Class} {
		dimensions[by] = dimensions[by] || len(values) > 0
	}
	switch {
	case dimensions[analytics.ByDepartment] && dimensions[analytics.ByClass],
		len(q.Stage) > 0 && (metric == "error_rate" || q.By == analytics.ByStage || (metric == "faults" && q.By == analytics.ByNone) || q.By == analytics.ByKind),
		len(q.Limits) > 0 && q.By == analytics.ByLimit:
		return about, false
	default:
		return oracle.Question{Metric: metric, Query: q}, true
	}
}
