package analytics_test

import (
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/analytics"
	"example.com/officepulse/ingest/event"
)

var update = flag.Bool("update", false, "write the golden files anew; read every line of the difference before keeping it")

// TestGolden asks every metric of a small office whose figures can be worked
// out by hand: testdata/golden/NAME/events.csv goes in, METRIC.csv comes out.
func TestGolden(t *testing.T) {
	stories, err := filepath.Glob("testdata/golden/*/events.csv")
	if err != nil || len(stories) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range stories {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			conn := store(t)
			insert(t, conn, readEvents(t, file))
			m := analytics.New(conn, office(), workdays(t, "Asia/Shanghai")).Publishing(0, nil)
			for _, d := range analytics.Catalogue() {
				compareGolden(t, filepath.Join(dir, d.Metric+".csv"), goldenText(t, m, d))
			}
		})
	}
}

// goldenText writes a metric's figures as CSV: by quarter, on each of its clocks, by
// nothing and by class where it can be.
func goldenText(t *testing.T, m *analytics.Metrics, d analytics.Description) string {
	t.Helper()
	clocks := d.Clocks
	if len(clocks) == 0 {
		clocks = []analytics.Clock{""}
	}
	var out strings.Builder
	w := csv.NewWriter(&out)
	for _, clock := range clocks {
		for _, by := range []analytics.By{analytics.ByNone, analytics.ByClass} {
			if !slices.Contains(d.By, by) {
				continue
			}
			q := analytics.Query{From: time.Date(2025, 10, 1, 0, 0, 0, 0, zone(t, "Asia/Shanghai")), To: time.Date(2026, 10, 1, 0, 0, 0, 0, zone(t, "Asia/Shanghai")), Clock: clock, By: by}
			if slices.Contains(d.Buckets, analytics.BucketQuarter) {
				q.Bucket = analytics.BucketQuarter
			}
			r, err := m.Query(t.Context(), d.Metric, q)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range lines(t, r) {
				if err := w.Write(append([]string{string(r.Clock), string(by)}, line...)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	w.Flush()
	return out.String()
}

// lines are a result's points or rows as name=value cells.
func lines(t *testing.T, r *analytics.Result) (all [][]string) {
	t.Helper()
	cells := func(v any) []string {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(text, &fields); err != nil {
			t.Fatal(err)
		}
		var out []string
		for name, value := range fields {
			if name != "start" && name != "end" {
				out = append(out, name+"="+rounded(value))
			}
		}
		slices.Sort(out)
		return out
	}
	for _, s := range r.Series {
		for _, p := range s.Points {
			all = append(all, append([]string{s.Key}, cells(p)...))
		}
	}
	text, err := json.Marshal(r.Rows)
	if err != nil {
		t.Fatal(err)
	}
	var rows []json.RawMessage
	if err := json.Unmarshal(text, &rows); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		all = append(all, cells(row))
	}
	return all
}

// rounded is a number with six decimals at most, anything else as it is.
func rounded(v json.RawMessage) string {
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil {
		return string(v)
	}
	return strconv.FormatFloat(float64(int64(f*1e6+0.5))/1e6, 'f', -1, 64)
}

func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; write it with -update", err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s: -want +got\n%s", file, diff)
	}
}

func readEvents(t *testing.T, file string) []event.Record {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var records []event.Record
	for i, row := range rows[1:] {
		at, err := time.Parse(time.RFC3339, row[5])
		if err != nil {
			t.Fatal(err)
		}
		var due time.Time
		if len(row) > 10 && row[9] != "" {
			if due, err = time.Parse(time.RFC3339, row[9]); err != nil {
				t.Fatal(err)
			}
		}
		records = append(records, event.Record{
			Event: event.Event{
				ID: fmt.Sprintf("%03s", row[0]), Source: "/golden", Type: event.TypeTask, Time: at.UTC(),
				Task: &event.Task{
					Process: row[1], CaseID: row[2], Stage: row[3], Action: event.Action(row[4]), Department: row[6], ActorDepartment: row[7], DueAt: due,
					Attributes: attributesOf(row),
				},
			},
			Offset: int64(i), ProducedAt: time.Date(2026, 9, 30, 0, 0, i, 0, time.UTC),
		})
	}
	return records
}

// attributesOf are the class and, in the last column of a story that has them,
// others: "name=value;name=value".
func attributesOf(row []string) map[string]string {
	attributes := map[string]string{event.AttributeClass: row[8]}
	if len(row) < 11 {
		return attributes
	}
	for pair := range strings.SplitSeq(row[10], ";") {
		if name, value, ok := strings.Cut(pair, "="); ok {
			attributes[name] = value
		}
	}
	return attributes
}
