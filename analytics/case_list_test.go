package analytics_test

import (
	"fmt"
	"slices"
	"testing"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/oracle"
)

// TestCasesBehindEveryPoint holds for every metric of cases, in any grouping and
// bucket, on both clocks and with any filter: the list of cases behind a point
// counts exactly what the point does, whether it is read from the events or from
// the facts. A list costs two statements, so a few points of each answer have to do.
func TestCasesBehindEveryPoint(t *testing.T) {
	d := dice(100)
	records := story(d).Copies(oracle.Log(story(d).Tell(storyCases)))
	conn := store(t)
	insert(t, conn, shuffled(d, records))
	m := analytics.New(conn, office(), workdays(t, "Asia/Shanghai")).Publishing(0, nil)
	facts := overFacts(conn, office(), workdays(t, "Asia/Shanghai"))
	for _, metric := range analytics.CaseAbouts() {
		if slices.Contains(tables, metric) {
			continue
		}
		for range 2 {
			q := question(d, metric)
			series := ask(t, m, metric, q.Query).Series
			for range min(3, len(series)) {
				s := one(d, series...)
				compareCases(t, one(d, m, facts), q, s.Key, one(d, s.Points...))
			}
		}
	}
}

// listed is how many of the things that a point counts its list has to show:
// those that a rate counts or, where it counts what went well, the others.
func listed(metric string, p analytics.Point) uint64 {
	switch metric {
	case "first_pass_yield", "on_time_rate", "archive_on_time", "equipment_check_on_time":
		return p.N - *p.Count
	case "error_rate", "return_rate", "rework_rate", "adhoc_purchase_share":
		return *p.Count
	default:
		return p.N
	}
}

// ofOpenCases are the metrics whose cases need not be completed.
var ofOpenCases = []string{"work_in_progress", "faults", "on_time_rate", "archive_on_time", "equipment_check_on_time", "emergency_response"}

// behind asks for the cases of one point of an answer to q.
func behind(q oracle.Question, key string, p analytics.Point) analytics.CaseQuery {
	asked := analytics.CaseQuery{Query: q.Query, About: q.Metric}
	asked.From, asked.To, asked.Limit = p.Start, p.End, analytics.MaxLimit
	switch q.Query.By {
	case analytics.ByProcess:
		asked.Process = []string{key}
	case analytics.ByDepartment:
		asked.Department = []string{key}
	case analytics.ByClass:
		asked.Class = []string{key}
	case analytics.ByLimit:
		asked.Limits = []string{key}
	case analytics.ByStage:
		asked.Stage = []string{key}
	default:
		if q.Metric == "faults" {
			asked.Kind = []string{key}
		}
	}
	return asked
}

func compareCases(t *testing.T, m *analytics.Metrics, q oracle.Question, key string, p analytics.Point) {
	t.Helper()
	list, err := m.Cases(t.Context(), behind(q, key, p))
	if err != nil {
		t.Fatalf("cases of %s, %q %s: %v", q, key, p.Period, err)
	}
	got, want, spent := list.N, listed(q.Metric, p), 0.0
	if q.Metric == "faults" && got < want {
		want = got // the others are about no case, or one that was never heard of
	}
	if got != want || int(list.Total) != len(list.Cases) {
		t.Errorf("%s, %q %s: %d behind it in %d cases of which %d are listed, the point has %d", q, key, p.Period, got, list.Total, len(list.Cases), want)
	}
	for i, c := range list.Cases {
		spent += c.Seconds
		if i > 0 && c.Seconds > list.Cases[i-1].Seconds {
			t.Errorf("%s: case %d took longer than the one before", q, i)
		}
		if c.Completed == nil && !slices.Contains(ofOpenCases, q.Metric) {
			t.Errorf("%s: %+v is not completed", q, c)
		}
		if q.Metric == "error_rate" && c.Faults == 0 || q.Metric == "return_rate" && c.Returns == 0 {
			t.Errorf("%s: nothing is wrong with %+v", q, c)
		}
	}
	if p.Total != nil {
		near(t, fmt.Sprintf("%s, %q %s: their times", q, key, p.Period), spent, *p.Total)
	}
}

// TestCasesBehindEveryRow holds for every table, on both clocks and with any
// filter: the list of cases behind a row counts what the row does, and takes as
// long in all.
func TestCasesBehindEveryRow(t *testing.T) {
	d := dice(101)
	records := story(d).Copies(oracle.Log(story(d).Tell(storyCases)))
	conn := store(t)
	insert(t, conn, shuffled(d, records))
	m := analytics.New(conn, office(), workdays(t, "Asia/Shanghai")).Publishing(0, nil)
	facts := overFacts(conn, office(), workdays(t, "Asia/Shanghai"))
	for _, table := range tables {
		for range 3 {
			q := question(d, table)
			q.Query.Limit = analytics.MaxLimit
			rows := rowsOf(t, ask(t, m, table, q.Query).Rows)
			for range min(4, len(rows)) {
				compareRow(t, one(d, m, facts), q, one(d, rows...))
			}
		}
	}
}

// tableRow is what a row of any table says of the cases behind it.
type tableRow struct {
	narrow func(*analytics.CaseQuery)
	cases  uint64 // 0: the row does not say
	things uint64
	total  float64 // seconds, < 0: the row does not say
}

func rowsOf(t *testing.T, rows any) (list []tableRow) {
	t.Helper()
	pair := func(first, second string) func(*analytics.CaseQuery) {
		return func(q *analytics.CaseQuery) { q.Pair = [2]string{first, second} }
	}
	switch rows := rows.(type) {
	case []analytics.Variant:
		for _, r := range rows {
			list = append(list, tableRow{func(q *analytics.CaseQuery) { q.Variant = r.Stages }, r.Count, r.Count, -1})
		}
	case []analytics.Transition:
		for _, r := range rows {
			list = append(list, tableRow{pair(r.From, r.To), 0, r.Count, r.Total})
		}
	case []analytics.Handover:
		for _, r := range rows {
			list = append(list, tableRow{pair(r.From, r.To), r.Cases, r.Count, r.Total})
		}
	case []analytics.Bottleneck:
		for _, r := range rows {
			list = append(list, tableRow{func(q *analytics.CaseQuery) { q.Process, q.Stage = []string{r.Process}, []string{r.Stage} }, r.Cases, r.Count, r.Total})
		}
	case []analytics.Deviation:
		for _, r := range rows {
			list = append(list, tableRow{func(q *analytics.CaseQuery) {
				q.Kind, q.Process, q.Stage = []string{string(r.Kind)}, []string{r.Process}, []string{r.Stage}
			}, r.Cases, r.Count, r.Total})
		}
	default:
		t.Fatalf("a table of %T", rows)
	}
	return list
}

func compareRow(t *testing.T, m *analytics.Metrics, q oracle.Question, row tableRow) {
	t.Helper()
	asked := analytics.CaseQuery{Query: q.Query, About: q.Metric}
	asked.Limit = analytics.MaxLimit
	row.narrow(&asked)
	list, err := m.Cases(t.Context(), asked)
	if err != nil {
		t.Fatalf("cases of %s: %v", q, err)
	}
	spent := 0.0
	for _, c := range list.Cases {
		spent += c.Seconds
	}
	if list.N != row.things || int(list.Total) != len(list.Cases) || row.cases > 0 && list.Total != row.cases {
		t.Errorf("%s, %+v: %d behind it in %d cases of which %d are listed; the row has %d in %d", q, asked, list.N, list.Total, len(list.Cases), row.things, row.cases)
	}
	if row.total >= 0 {
		near(t, fmt.Sprintf("%s: their times", q), spent, row.total)
	}
}
