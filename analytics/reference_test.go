package analytics_test

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/oracle"
	"example.com/officepulse/ingest/event"
)

// shared is the folder with three public logs, and figures computed from them
// by others, that stands beside the project's root. OFFICEPULSE_SHARED names
// another. Without it the test is skipped, but in CI it fails.
func shared(tb testing.TB) string {
	tb.Helper()
	dir := os.Getenv("OFFICEPULSE_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared")
	}
	dir = filepath.Join(dir, "data")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("the public logs are not here: %v", err)
		}
		tb.Skipf("the public logs are not here: %v", err)
	}
	return dir
}

// figures is what the tests use of reference-figures.json.
type figures struct {
	File     string
	Cases    uint64
	Events   uint64
	LeadTime struct{ Mean, Median, P75, P90, P95 float64 } `json:"lead_time_s"`
	Quarters map[string]struct {
		N                 uint64
		Mean, Median, P90 float64
		Rework            uint64 `json:"rework_cases"`
	}
	Variants struct {
		Distinct int
		Top      []struct {
			Count  uint64
			Labels []string
		} `json:"top10"`
	}
	Rework struct {
		Cases uint64
		Share float64
	}
	ByCount      []pair `json:"df_top10_by_count"`
	ByTotal      []pair `json:"df_top10_by_total_wait"`
	Distinct     int    `json:"df_pairs_distinct"`
	ByDepartment map[string]struct {
		Departments map[string]struct {
			N                      uint64
			Mean, Median, P90, P95 float64
		}
	} `json:"by_case_department"`
}

type pair struct {
	From, To string
	Count    uint64
	Mean     float64 `json:"mean_wait_s"`
	Median   float64 `json:"median_wait_s"`
	P90      float64 `json:"p90_wait_s"`
	Total    float64 `json:"total_wait_s"`
}

// TestReferenceLogs compares every figure that the reference gives and a metric
// has, to the millisecond. One of the logs has an event of 1948.
func TestReferenceLogs(t *testing.T) {
	dir := shared(t)
	text, err := os.ReadFile(filepath.Join(dir, "reference-figures.json"))
	if err != nil {
		t.Fatal(err)
	}
	var sections map[string]json.RawMessage
	if err := json.Unmarshal(text, &sections); err != nil {
		t.Fatal(err)
	}
	conn := store(t)
	m := analytics.New(conn, office(), workdays(t, "Asia/Shanghai")).Publishing(0, nil)
	for process, read := range map[string]func(*testing.T, io.Reader, string) []event.Event{
		"helpdesk_mendeley": readHelpdesk, "uci498_incident_sample": readIncidents, "bpic2019_1t_per_variant": readXES,
	} {
		t.Run(process, func(t *testing.T) {
			var want figures
			if err := json.Unmarshal(sections[process], &want); err != nil {
				t.Fatal(err)
			}
			events := read(t, open(t, filepath.Join(dir, filepath.Base(want.File))), process)
			if uint64(len(events)) != want.Events {
				t.Fatalf("got %d events, want %d", len(events), want.Events)
			}
			insert(t, conn, oracle.Log(events))
			compareWithReference(t, m, process, want)
			compareOnTime(t, conn, process, sections[process])
		})
	}
}

func compareWithReference(t *testing.T, m *analytics.Metrics, process string, want figures) {
	t.Helper()
	all := analytics.Query{
		From: time.Date(2009, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC),
		Zone: time.UTC, Process: []string{process},
	}
	whole := ask(t, m, "lead_time", all).Series[0].Points[0]
	equal(t, "cases", whole.N, want.Cases)
	near(t, "mean", *whole.Mean, want.LeadTime.Mean)
	near(t, "median", *whole.Median, want.LeadTime.Median)
	near(t, "p75", *whole.P75, want.LeadTime.P75)
	near(t, "p90", *whole.P90, want.LeadTime.P90)
	near(t, "p95", *whole.P95, want.LeadTime.P95)

	stages := all
	stages.By = analytics.ByStage
	spent := 0.0
	for _, s := range ask(t, m, "stage_time", stages).Series {
		spent += *s.Points[0].Total
	}
	near(t, "time in all stages", spent, *whole.Total)

	rework := ask(t, m, "rework_rate", all).Series[0].Points[0]
	equal(t, "rework cases", *rework.Count, want.Rework.Cases)
	if d := *rework.Rate - want.Rework.Share; d > 1e-6 || d < -1e-6 {
		t.Errorf("rework share: got %v, want %v", *rework.Rate, want.Rework.Share)
	}

	quarters := all
	quarters.Bucket = analytics.BucketQuarter
	leads, reworks := ask(t, m, "lead_time", quarters).Series[0].Points, ask(t, m, "rework_rate", quarters).Series[0].Points
	equal(t, "quarters", len(leads), len(want.Quarters))
	for i, p := range leads {
		q, ok := want.Quarters[p.Period]
		if !ok {
			t.Errorf("%s has data, the reference has none", p.Period)
			continue
		}
		equal(t, p.Period+" n", p.N, q.N)
		near(t, p.Period+" mean", *p.Mean, q.Mean)
		near(t, p.Period+" median", *p.Median, q.Median)
		near(t, p.Period+" p90", *p.P90, q.P90)
		equal(t, p.Period+" rework cases", *reworks[i].Count, q.Rework)
	}
	compareTables(t, m, all, want)
	compareDepartments(t, m, all, want)
}

func compareTables(t *testing.T, m *analytics.Metrics, all analytics.Query, want figures) {
	t.Helper()
	table := ask(t, m, "variants", all)
	equal(t, "cases of all variants", table.N, want.Cases)
	for i, v := range table.Rows.([]analytics.Variant) {
		equal(t, fmt.Sprintf("variant %d count", i), v.Count, want.Variants.Top[i].Count)
		if diff := cmp.Diff(want.Variants.Top[i].Labels, v.Stages); diff != "" {
			t.Errorf("variant %d (-want +got):\n%s", i, diff)
		}
	}
	for sort, pairs := range map[analytics.Sort][]pair{analytics.SortCount: want.ByCount, analytics.SortTotal: want.ByTotal} {
		q := all
		q.Sort = sort
		table := ask(t, m, "transitions", q)
		equal(t, "transitions in all", table.N, want.Events-want.Cases)
		rows := table.Rows.([]analytics.Transition)
		equal(t, "transitions shown", len(rows), len(pairs))
		for i, p := range pairs {
			name := fmt.Sprintf("transition %d by %s, %s to %s: ", i, sort, p.From, p.To)
			equal(t, name+"from", rows[i].From, p.From)
			equal(t, name+"to", rows[i].To, p.To)
			equal(t, name+"count", rows[i].Count, p.Count)
			near(t, name+"mean", rows[i].Mean, p.Mean)
			near(t, name+"median", rows[i].Median, p.Median)
			near(t, name+"p90", rows[i].P90, p.P90)
			near(t, name+"total", rows[i].Total, p.Total)
		}
	}
	every := all
	every.Limit = analytics.MaxLimit
	equal(t, "pairs", len(ask(t, m, "transitions", every).Rows.([]analytics.Transition)), want.Distinct)
	equal(t, "variants", len(ask(t, m, "variants", every).Rows.([]analytics.Variant)), min(analytics.MaxLimit, want.Variants.Distinct))
}

func compareDepartments(t *testing.T, m *analytics.Metrics, all analytics.Query, want figures) {
	t.Helper()
	groups := want.ByDepartment["assignment_group"].Departments
	if len(groups) == 0 {
		return
	}
	all.By = analytics.ByDepartment
	for _, s := range ask(t, m, "lead_time", all).Series {
		if g, ok := groups[s.Key]; ok { // the reference lists the largest
			equal(t, s.Key+" n", s.Points[0].N, g.N)
			near(t, s.Key+" mean", *s.Points[0].Mean, g.Mean)
			near(t, s.Key+" p95", *s.Points[0].P95, g.P95)
		}
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// near compares two times in seconds that were both rounded to the millisecond.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if d := got - want; d > 0.00101 || d < -0.00101 {
		t.Errorf("%s: got %.3f, want %.3f", what, got, want)
	}
}

func open(t *testing.T, name string) io.Reader {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if !strings.HasSuffix(name, ".gz") {
		return f
	}
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// done is a finished step of a case that is complete; line keeps the file's order.
func done(process, caseID, stage, department string, at time.Time, line int) event.Event {
	return event.Event{
		ID: fmt.Sprintf("%s-%d", process, line), Source: "file", Type: event.TypeTask, Time: at, Sequence: fmt.Sprintf("%09d", line),
		Task: &event.Task{
			Process: process, CaseID: caseID, Stage: stage, Action: event.Complete, Department: department,
			Attributes: map[string]string{event.AttributeAssumeComplete: "true"},
		},
	}
}

func readHelpdesk(t *testing.T, r io.Reader, process string) []event.Event {
	t.Helper()
	var events []event.Event
	for i, row := range table(t, r) {
		events = append(events, done(process, row["CaseID"], row["ActivityID"], event.MissingDepartment, instant(t, time.DateTime, row["CompleteTimestamp"]), i))
	}
	return events
}

func readIncidents(t *testing.T, r io.Reader, process string) []event.Event {
	t.Helper()
	var events []event.Event
	for i, row := range table(t, r) {
		group := row["assignment_group"]
		if group == "?" {
			group = event.MissingDepartment
		}
		events = append(events, done(process, row["number"], row["incident_state"], group, instant(t, "02-01-2006 15:04", row["sys_updated_at"]), i))
	}
	return events
}

// table reads a CSV with a header, one map a row.
func table(t *testing.T, r io.Reader) []map[string]string {
	t.Helper()
	lines, err := csv.NewReader(r).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]map[string]string, len(lines)-1)
	for i, line := range lines[1:] {
		rows[i] = make(map[string]string, len(line))
		for j, name := range lines[0] {
			rows[i][name] = line[j]
		}
	}
	return rows
}

func readXES(t *testing.T, r io.Reader, process string) []event.Event {
	t.Helper()
	type attribute struct {
		Key   string `xml:"key,attr"`
		Value string `xml:"value,attr"`
	}
	var traces struct {
		Trace []struct {
			Strings []attribute `xml:"string"`
			Events  []struct {
				Strings []attribute `xml:"string"`
				Dates   []attribute `xml:"date"`
			} `xml:"event"`
		} `xml:"trace"`
	}
	if err := xml.NewDecoder(r).Decode(&traces); err != nil {
		t.Fatal(err)
	}
	value := func(attributes []attribute, key string) string {
		i := slices.IndexFunc(attributes, func(a attribute) bool { return a.Key == key })
		if i < 0 {
			t.Fatalf("an element of the log has no %s", key)
		}
		return attributes[i].Value
	}
	var events []event.Event
	for _, trace := range traces.Trace {
		caseID := value(trace.Strings, "concept:name")
		for _, e := range trace.Events {
			at := instant(t, time.RFC3339, value(e.Dates, "time:timestamp"))
			events = append(events, done(process, caseID, value(e.Strings, "concept:name"), event.MissingDepartment, at, len(events)))
		}
	}
	return events
}

func instant(t *testing.T, layout, text string) time.Time {
	t.Helper()
	at, err := time.Parse(layout, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}
