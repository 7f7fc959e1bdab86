package analytics_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"example.com/officepulse/analytics"
)

// TestCatalogueIsWhatCanBeAsked asks every metric everything that its
// description offers, and some of what it does not.
func TestCatalogueIsWhatCanBeAsked(t *testing.T) {
	m := analytics.New(store(t), office(), workdays(t, "Asia/Shanghai")).Publishing(0, nil)
	period := analytics.Query{From: day(2026, time.January, 1), To: day(2026, time.February, 1)}
	filters := map[string]func(*analytics.Query, []string){
		"process": func(q *analytics.Query, v []string) { q.Process = v }, "department": func(q *analytics.Query, v []string) { q.Department = v },
		"stage": func(q *analytics.Query, v []string) { q.Stage = v }, "class": func(q *analytics.Query, v []string) { q.Class = v },
		"limit_key": func(q *analytics.Query, v []string) { q.Limits = v },
	}
	f := func(d analytics.Description, offered bool, change func(*analytics.Query)) {
		t.Helper()
		q := period
		change(&q)
		if _, err := m.Query(t.Context(), d.Metric, q); (err == nil) != offered || (err != nil && !errors.Is(err, analytics.ErrQuery)) {
			t.Errorf("%s, offered %v: %+v: %v", d.Metric, offered, q, err)
		}
	}
	if got := len(analytics.Catalogue()); got != len(analytics.Names()) {
		t.Errorf("%d descriptions of %d metrics", got, len(analytics.Names()))
	}
	for _, d := range analytics.Catalogue() {
		if d.Unit == "" || d.Definition == "" {
			t.Errorf("%s lacks a unit or a definition", d.Metric)
		}
		for _, by := range []analytics.By{
			analytics.ByNone, analytics.ByProcess, analytics.ByStage, analytics.ByDepartment, analytics.ByClass, analytics.ByKind, analytics.ByLimit,
		} {
			f(d, slices.Contains(d.By, by), func(q *analytics.Query) { q.By = by })
		}
		for _, b := range []analytics.Bucket{
			analytics.BucketQuarter, analytics.BucketMonth, analytics.BucketWeek, analytics.BucketDay, analytics.BucketNone,
		} {
			f(d, slices.Contains(d.Buckets, b), func(q *analytics.Query) { q.Bucket = b })
		}
		for name, set := range filters {
			f(d, slices.Contains(d.Filters, name), func(q *analytics.Query) { set(q, []string{"x"}) })
		}
		r := ask(t, m, d.Metric, period)
		if r.Unit != d.Unit || r.Definition != d.Definition || (r.Clock != "") != (len(d.Clocks) > 0) {
			t.Errorf("%s answers otherwise than it is described: %+v", d.Metric, r)
		}
	}
}
