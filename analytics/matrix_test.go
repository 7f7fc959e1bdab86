package analytics_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/oracle"
)

// A cell of a matrix is the metric's point with the row and the column as
// filters, and all cells of a row together have its n.
func TestMatrixIsTheFilteredMetric(t *testing.T) {
	d := dice(7)
	records := oracle.Log(story(d).Tell(storyCases))
	conn := store(t)
	insert(t, conn, records)
	m := overFacts(conn, office(), workdays(t, "Asia/Shanghai"))
	for _, metric := range []string{"error_rate", "lead_time", "throughput", "first_pass_yield", "work_in_progress", "stage_time", "on_time_rate"} {
		q := question(d, metric).Query
		q.Process, q.Department, q.Class = nil, nil, nil
		q.Bucket, q.By = "", ""
		got, err := m.Matrix(t.Context(), metric, analytics.ByProcess, analytics.ByDepartment, q)
		if err != nil {
			t.Fatal(err)
		}
		var n uint64
		for i, c := range got.Cells {
			n += c.N
			if i%8 > 0 {
				continue // one in eight will do
			}
			one := q
			one.Process, one.Department = []string{c.Row}, []string{c.Column}
			if diff := cmp.Diff([]analytics.Series{{Key: "all", Points: []analytics.Point{c.Point}}}, ask(t, m, metric, one).Series, alike); diff != "" {
				t.Errorf("%s of %s, %s (-cell +filtered):\n%s", metric, c.Row, c.Column, diff)
			}
		}
		if all := ask(t, m, metric, q).Series[0].Points[0].N; n != all || len(got.Cells) < 6 {
			t.Errorf("%s: %d cells hold %d of %d", metric, len(got.Cells), n, all)
		}
	}
	for _, bad := range []struct {
		metric        string
		rows, columns analytics.By
	}{
		{"luck", analytics.ByProcess, analytics.ByDepartment},
		{"variants", analytics.ByProcess, analytics.ByDepartment},
		{"lead_time", analytics.ByProcess, analytics.ByProcess},
		{"lead_time", analytics.ByProcess, analytics.ByNone},
		{"stage_time", analytics.ByProcess, analytics.ByStage},
		{"satisfaction", analytics.ByProcess, analytics.ByDepartment},
	} {
		q := analytics.Query{From: day(2026, 1, 1), To: day(2026, 2, 1)}
		if _, err := m.Matrix(t.Context(), bad.metric, bad.rows, bad.columns, q); !errors.Is(err, analytics.ErrQuery) {
			t.Errorf("%s by %s and %s: %v", bad.metric, bad.rows, bad.columns, err)
		}
	}
}
