package analytics_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
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

// TestGolden asks every metric of small offices whose figures can be worked out
// by hand, from the events and from the facts: testdata/golden/NAME/events.csv
// goes in, with fault_events.csv and answer_events.csv where there are any, METRIC.csv comes
// out. testdata/golden/README.md has the working.
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
			insert(t, conn, readRows(t, filepath.Join(dir, "fault_events.csv"), readFault))
			insert(t, conn, readRows(t, filepath.Join(dir, "answer_events.csv"), readAnswer))
			m := analytics.New(conn, office(), workdays(t, "Asia/Shanghai")).Publishing(0, nil)
			facts := overFacts(conn, office(), workdays(t, "Asia/Shanghai")).Publishing(0, nil)
			for _, d := range analytics.Catalogue() {
				file := filepath.Join(dir, d.Metric+".csv")
				compareGolden(t, file, goldenText(t, m, d))
				if !*update {
					compareGolden(t, file, goldenText(t, facts, d))
				}
			}
		})
	}
}

// goldenText writes a metric's figures as CSV: by quarter, on each of its clocks, by
// nothing and by class where it can be, else by department.
func goldenText(t *testing.T, m *analytics.Metrics, d analytics.Description) string {
	t.Helper()
	clocks := d.Clocks
	if len(clocks) == 0 {
		clocks = []analytics.Clock{""}
	}
	var out strings.Builder
	w := csv.NewWriter(&out)
	groups := []analytics.By{analytics.ByNone, analytics.ByClass}
	if !slices.Contains(d.By, analytics.ByClass) {
		groups[1] = analytics.ByDepartment
	}
	for _, clock := range clocks {
		for _, by := range groups {
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

// readRows reads a file of a story, one record a row that is no comment; a story
// may lack it.
func readRows(t *testing.T, file string, read func(*testing.T, map[string]string) event.Event) []event.Record {
	t.Helper()
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
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
		cells := make(map[string]string, len(row))
		for j, name := range rows[0] {
			cells[name] = row[j]
		}
		e := read(t, cells)
		e.ID, e.Source, e.Time = fmt.Sprintf("%03s", cells["id"]), "/golden", goldenTime(t, cells["time"])
		records = append(records, event.Record{Event: e, Offset: int64(i), ProducedAt: time.Date(2026, 9, 30, 0, 0, i, 0, time.UTC)})
	}
	return records
}

// goldenTime is an instant of a story; none where there is none.
func goldenTime(t *testing.T, text string) time.Time {
	t.Helper()
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

func readEvents(t *testing.T, file string) []event.Record {
	t.Helper()
	return readRows(t, file, func(t *testing.T, row map[string]string) event.Event {
		t.Helper()
		return event.Event{Type: event.TypeTask, Task: &event.Task{
			Process: row["process"], CaseID: row["case_id"], Stage: row["stage"], Action: event.Action(row["action"]), Department: row["department"],
			ActorDepartment: row["actor_department"], DueAt: goldenTime(t, row["due_at"]), Attributes: attributesOf(row),
		}}
	})
}

func readFault(t *testing.T, row map[string]string) event.Event {
	t.Helper()
	return event.Event{Type: event.TypeFault, Fault: &event.Fault{
		FaultID: row["fault_id"], Process: row["process"], CaseID: row["case_id"], Stage: row["stage"], Kind: row["kind"], Severity: event.Minor,
		Status: event.Status(row["status"]), Department: row["department"], FoundAt: goldenTime(t, row["found_at"]),
	}}
}

func readAnswer(t *testing.T, row map[string]string) event.Event {
	t.Helper()
	answers := map[string]event.Value{}
	for pair := range strings.SplitSeq(row["answers"], ";") {
		key, text, _ := strings.Cut(pair, "=")
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		answers[key] = event.Number(value)
	}
	return event.Event{Type: event.TypeAnswer, Answer: &event.Answer{
		AnswerID: row["answer_id"], Wave: "golden", Questionnaire: row["questionnaire"], Department: row["department"], Answers: answers,
	}}
}

// attributesOf are the class and others: "name=value;name=value".
func attributesOf(row map[string]string) map[string]string {
	attributes := map[string]string{event.AttributeClass: row["class"]}
	for pair := range strings.SplitSeq(row["attributes"], ";") {
		if name, value, ok := strings.Cut(pair, "="); ok {
			attributes[name] = value
		}
	}
	return attributes
}
