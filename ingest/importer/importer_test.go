package importer

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"example.com/officepulse/ingest/event"
)

var testNow = time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)

// write puts a file into the test's own folder.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if strings.HasSuffix(name, ".gz") {
		content = zipped(t, content)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func zipped(t *testing.T, content string) string {
	t.Helper()
	var b strings.Builder
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// collect runs an import and keeps the events.
func collect(t *testing.T, path string, opts Options) ([]event.Event, Summary, error) {
	t.Helper()
	if opts.Process == "" {
		opts.Process = "approval"
	}
	if opts.Now.IsZero() {
		opts.Now = testNow
	}
	var all []event.Event
	summary, err := Run(t.Context(), path, opts, func(_ context.Context, batch []event.Event) error {
		if len(batch) == 0 || len(batch) > BatchSize {
			t.Errorf("a batch of %d events, want 1 to %d", len(batch), BatchSize)
		}
		all = append(all, batch...)
		return nil
	}, nil)
	if int64(len(all)) != summary.Published {
		t.Errorf("published %d events, the summary says %d", len(all), summary.Published)
	}
	if err == nil && summary.Published+summary.Refused != summary.Read {
		t.Errorf("published %d + refused %d is not read %d", summary.Published, summary.Refused, summary.Read)
	}
	return all, summary, err
}

// mustCollect is collect where everything in the file is good.
func mustCollect(t *testing.T, path string, opts Options) []event.Event {
	t.Helper()
	events, summary, err := collect(t, path, opts)
	if err != nil || summary.Refused != 0 {
		t.Fatalf("import: %v, refused: %v", err, summary.Refusals)
	}
	return events
}

const header = "case_id,stage,time\n"

func TestRowBecomesEvent(t *testing.T) {
	path := write(t, "a.csv", "CaseID;Activity;Timestamp;action;Department;Resource;actor_department;due_at;class\n"+
		"7; draft ;2026-01-02 03:04:05.678;Submit;Sales;Li;HR;2026-01-05;core\n")
	got := mustCollect(t, path, Options{AssumeComplete: true, Zone: time.FixedZone("", 8*3600)})
	want := []event.Event{{
		ID: got[0].ID, Source: DefaultSource, Type: event.TypeTask, Sequence: "000000000001",
		Time: time.Date(2026, 1, 1, 19, 4, 5, 678e6, time.UTC),
		Task: &event.Task{
			Process: "approval", CaseID: "7", Stage: "draft", Action: event.Submit, Department: "Sales", Actor: "Li", ActorDepartment: "HR",
			DueAt:      time.Date(2026, 1, 5, 15, 59, 59, 999e6, time.UTC), // the day's end in that zone
			Attributes: map[string]string{"class": "core", "assume_complete": "true"},
		},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(got[0].ID) != 32 {
		t.Errorf("id %q is not 128 bits in hex", got[0].ID)
	}
}

func TestDepartmentMissing(t *testing.T) {
	path := write(t, "a.csv", "case_id,stage,time,department,actor\n"+
		"1,a,2026-01-02,,?\n2,a,2026-01-02,empty,NIL\n3,a,2026-01-02,UNKNOWN,x\n4,a,2026-01-02,?,x\n5,a,2026-01-02,Missing,x\n6,a,2026-01-02,NIL,x\n7,a,2026-01-02,IT,x\n")
	for i, e := range mustCollect(t, path, Options{}) {
		want := event.MissingDepartment
		if i == 6 {
			want = "IT"
		}
		if e.Task.Department != want {
			t.Errorf("row %d: department %q, want %q", i+1, e.Task.Department, want)
		}
		if i < 2 && e.Task.Actor != "" {
			t.Errorf("row %d: actor %q, want none", i+1, e.Task.Actor)
		}
	}
}

func TestActions(t *testing.T) {
	f := func(word string, lifecycle bool, want event.Action, wantTransition string) {
		t.Helper()
		if got, transition := action(word, lifecycle); got != want || transition != wantTransition {
			t.Errorf("action(%q, %v) = %q, %q; want %q, %q", word, lifecycle, got, transition, want, wantTransition)
		}
	}
	f("", false, event.Complete, "")
	f("Approve", false, event.Approve, "")
	f("退回", false, event.Return, "")
	f("foo", false, "foo", "")
	f("", true, event.Complete, "")
	f("COMPLETE", true, event.Complete, "")
	f("start", true, event.Start, "")
	f("ate_abort", true, event.Withdraw, "")
	f("PI_abort", true, event.Withdraw, "")
	f("withdraw", true, event.Withdraw, "")
	f("reassign", true, event.Transfer, "")
	f("assign", true, event.Transfer, "")
	f("Suspend", true, event.Comment, "Suspend")
}

// TestRefusedRow shows the message of every row that cannot be used, and that the
// rows around it go on.
func TestRefusedRow(t *testing.T) {
	f := func(name, row string, want ...string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			path := write(t, "a.csv", header+"1,first,2026-01-02 10:00\n"+row+"\n9,last,2026-01-02 11:00\n")
			events, summary, err := collect(t, path, Options{Limits: Limits{Line: 1000}})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range summary.Refusals {
				got = append(got, r.String())
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if len(events) < 2 || events[0].Task.Stage != "first" || events[len(events)-1].Task.Stage != "last" {
				t.Errorf("the rows around it are not there: %d events", len(events))
			}
		})
	}
	f("too few columns", "2,b", "line 3: the row has 2 columns, the header has 3")
	f("too many columns", "2,b,2026-01-02 10:00,x", "line 3: the row has 4 columns, the header has 3")
	f("no case", ",b,2026-01-02 10:00", "line 3: case_id is missing or empty")
	f("no stage", "2, ,2026-01-02 10:00", "line 3: stage is missing or empty")
	f("no time", "2,b,", "line 3: time is missing or empty")
	f("no time that can be read", "2,b,yesterday", `line 3: time "yesterday" is no time that can be read; write for example 2026-09-30 17:00:00 or 2026-09-30T17:00:00+08:00`)
	f("no such day", "2,b,2026-02-30 10:00", `line 3: time "2026-02-30 10:00" is no day or time that exists`)
	f("no such month", "2,b,02-13-2026 10:00\n2,b,13-02-2026 10:00", `line 3: time "02-13-2026 10:00" is no day or time that exists (the day was read first)`)
	f("future", "2,b,2026-10-03 00:00", "line 3: time 2026-10-03T00:00:00Z lies more than a day in the future; check the clock and time zone of the source")
	f("too old", "2,b,1899-12-31 00:00", "line 3: time 1899-12-31T00:00:00Z lies outside the years 1900 to 2261")
	f("quote in a cell", `2,5" pipe,2026-01-02 10:00`, "line 3: a quote stands in the middle of a cell, at byte 4; put the cell in quotes and write the quote twice")
	f("text after a quote", `2,"a"b,2026-01-02 10:00`, "line 3: a cell that begins with a quote does not end with one; quotes inside it are written twice")
	f("quote never closed", `2,"a,2026-01-02 10:00`, "line 3: a cell that begins with a quote does not end with one; quotes inside it are written twice")
	f("quote closed in a later row", "2,\"a,2026-01-02 10:00\n3,x,2026-01-02 10:00\n4,\"y\",2026-01-02 10:00",
		"line 3: a cell that begins with a quote does not end with one; quotes inside it are written twice")
	f("long line", "2,"+strings.Repeat("b", 1000)+",2026-01-02 10:00", "line 3: the line is longer than 1000 bytes")
	f("long name", "2,"+strings.Repeat("b", 300)+",2026-01-02 10:00", "line 3: stage has 300 bytes, at most 256 are allowed")
	f("control character", "2,a\x01,2026-01-02 10:00", "line 3: stage contains a control character")
	f("neither UTF-8 nor GBK", "2,\xff\xff,2026-01-02 10:00", `line 3: column "stage" has bytes that are no GB18030 text: "\xff\xff"`)
	f("not UTF-8", "2,审\xff,2026-01-02 10:00\n3,审批,2026-01-02 10:00", `line 3: column "stage" has bytes that are no UTF-8 text: "审\xff"`)
}

func TestRefusedActionAndDue(t *testing.T) {
	path := write(t, "a.csv", "No.,What,When,Did,Limit\n1,a,2026-01-02 10:00,jumped,\n2,a,2026-01-02 10:00,,soon\n")
	_, summary, err := collect(t, path, Options{Map: map[string]string{
		"case_id": "No.", "stage": "What", "time": "When", "action": "Did", "due_at": "Limit",
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := []Refusal{
		{Line: 2, Kind: "action", Reason: `action (column "Did") "jumped" is not allowed; use one of submit, start, complete, approve, return, reject, sign, archive, notify, check, remind, transfer, withdraw, comment, reopen, close`},
		{Line: 3, Kind: "due_at", Reason: `due_at (column "Limit") "soon" is no time that can be read; write for example 2026-09-30 17:00:00 or 2026-09-30T17:00:00+08:00`},
	}
	if diff := cmp.Diff(want, summary.Refusals); diff != "" {
		t.Error(diff)
	}
}

func TestRefusalsAreCountedBeyondTheKept(t *testing.T) {
	path := write(t, "a.csv", header+strings.Repeat("1,a\n", 150)+strings.Repeat("1,a,x\n", 50))
	_, summary, err := collect(t, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(summary.Refusals) != 103 || summary.Refused != 200 { // 100, and 3 of the second kind
		t.Errorf("kept %d of %d refusals, want 103 of 200", len(summary.Refusals), summary.Refused)
	}
	if diff := cmp.Diff(map[string]int64{"columns": 150, "time": 50}, summary.Reasons); diff != "" {
		t.Error(diff)
	}
}

// TestRefusedFile shows the message of every file that cannot be used at all:
// nothing of it is published.
func TestRefusedFile(t *testing.T) {
	folder := t.TempDir()
	f := func(name, path string, opts Options, want string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			if opts.Process == "" {
				opts.Process = "approval"
			}
			events, _, err := collect(t, path, opts)
			if err == nil {
				t.Fatal("no error")
			}
			if got := err.Error(); got != "import "+filepath.Base(path)+": "+want {
				t.Errorf("got  %s\nwant import %s: %s", got, filepath.Base(path), want)
			}
			if len(events) != 0 {
				t.Errorf("published %d events", len(events))
			}
		})
	}
	good := header + "1,a,2026-01-02 10:00\n"
	f("missing", filepath.Join(folder, "none.csv"), Options{}, "there is no such file")
	f("folder", folder, Options{Format: "csv"}, "it is a folder; name a file in it")
	f("empty", write(t, "a.csv", ""), Options{}, "the file is empty")
	f("empty inside", write(t, "a.csv.gz", ""), Options{}, "the file is empty")
	f("unknown ending", write(t, "a.pdf", good), Options{}, "the file's ending .pdf does not tell the format; say it with --format csv, xlsx or xes")
	f("no ending", write(t, "a", good), Options{}, "the file's name does not tell the format; say it with --format csv, xlsx or xes")
	f("unknown format", write(t, "a.csv", good), Options{Format: "pdf"}, `"pdf" is no format that can be read; use --format csv, xlsx or xes`)
	f("columns missing", write(t, "a.csv", "A,stage,C\n1,a,2026-01-02\n"), Options{},
		`no column for case_id, time was found, say which it is with --map case_id=COLUMN,time=COLUMN; the file has the columns "A", "stage", "C"`)
	f("mapped column missing", write(t, "a.csv", good), Options{Map: map[string]string{"stage": "Step"}},
		`column "Step", mapped to stage, does not exist; the file has the columns "case_id", "stage", "time"`)
	f("mapped column twice", write(t, "a.csv", "case_id,stage,time,X,X\n"), Options{Map: map[string]string{"actor": "X"}},
		`column "X", mapped to actor, stands twice in the file; the file has the columns "case_id", "stage", "time", "X", "X"`)
	f("unknown field", write(t, "a.csv", good), Options{Map: map[string]string{"step": "stage"}},
		`map: "step" is no field; use case_id, stage, time, action, department, actor, actor_department, due_at, class`)
	f("UTF-16", write(t, "a.csv", "\xff\xfec\x00a\x00"), Options{}, `the file is UTF-16 ("Unicode text"); save it as CSV UTF-8`)
	f("workbook named csv", write(t, "a.csv", "PK\x03\x04xxxx"), Options{}, "the file is a zip archive or a workbook; use --format xlsx, or unpack it first")
	f("old workbook", write(t, "a.xlsx", "\xd0\xcf\x11\xe0xxxx"), Options{}, "the file is an old .xls workbook or one with a password; save it as .xlsx without a password")
	f("no workbook", write(t, "a.xlsx", "case_id"), Options{}, "the file is no .xlsx workbook, or only a part of one: zip: not a valid zip file")
	small := Limits{Ratio: 200, RatioFrom: 64 << 10}
	f("gzip bomb", write(t, "a.csv.gz", header+strings.Repeat("0", 1<<20)), Options{Limits: small},
		"the file unpacks to more than 200 times its size (limit once 64 KiB are unpacked); if you trust the file, unpack it and import the result")
	f("gzip bomb in XES", write(t, "a.xes.gz", "<log>"+strings.Repeat(" ", 1<<20)), Options{Limits: small},
		"the file unpacks to more than 200 times its size (limit once 64 KiB are unpacked); if you trust the file, unpack it and import the result")
	f("gzip too large", write(t, "a.csv.gz", strings.Repeat(good, 1000)), Options{Limits: Limits{Unpacked: 10 << 10}},
		"the file unpacks to more than 10 KiB; if you trust the file, unpack it and import the result")
	f("broken gzip", write(t, "b.csv", "\x1f\x8bxxxx"), Options{}, "unpack: unexpected EOF")
	f("header too long", write(t, "a.csv", strings.Repeat("x", 100)), Options{Limits: Limits{Line: 50}}, "read the header in line 1: the line is longer than 50 bytes")
	f("XES of another kind", write(t, "a.xes", "<html></html>"), Options{}, "line 1: the first tag is <html>, but an XES file begins with <log>; nothing is published")
	f("XES that is text", write(t, "a.xes", "hello\n"), Options{}, "line 1: this is not XML (does it begin with <?xml or <log>?); for a table use --format csv")
	f("table said to be XES", write(t, "a.csv", "\n"+strings.Repeat(good, 2000)), Options{Format: "xes"}, "line 2: this is not XML (does it begin with <?xml or <log>?); for a table use --format csv")
	f("packed table said to be XES", write(t, "a.csv.gz", good), Options{Format: "xes"}, "line 1: this is not XML (does it begin with <?xml or <log>?); for a table use --format csv")
	f("XES in UTF-16", write(t, "a.xes", "\xff\xfe<\x00l\x00"), Options{}, "the file is UTF-16; save it as UTF-8")
	f("XES of blanks", write(t, "a.xes", " \n"), Options{}, "line 2: there is no <log> tag; an XES file begins with one; nothing is published")
	f("XES with entities", write(t, "a.xes", "<?xml version=\"1.0\"?>\n<!DOCTYPE log [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<log><trace><string key=\"concept:name\" value=\"&x;\"/></trace></log>"), Options{},
		"line 2: a document type (<!DOCTYPE …>) is not allowed in a log; remove it; nothing is published")
	f("XES attribute missing", write(t, "a.xes", xes(`<event><string key="concept:name" value="a"/></event>`)), Options{Map: map[string]string{"stage": "Step"}},
		`attribute "Step", mapped to stage, stands at no event of the log; an attribute of the trace is written case:Step`)
}

func TestProcessIsRequired(t *testing.T) {
	_, err := Run(t.Context(), write(t, "a.csv", header), Options{}, nil, nil)
	if err == nil || err.Error() != "import a.csv: the process is missing; name it with --process" {
		t.Error(err)
	}
}

// TestGzipCutOff: what comes before the cut is published, half a row is not.
func TestGzipCutOff(t *testing.T) {
	rows := []byte(header)
	for i := range 5000 {
		rows = fmt.Appendf(rows, "%d,s%d,2026-01-02 10:%02d\n", i, i*7919%1000, i%60)
	}
	packed := zipped(t, string(rows))
	path := write(t, "a.csv", packed[:len(packed)/2])
	events, summary, err := collect(t, path, Options{})
	n := len(events)
	want := fmt.Sprintf("import a.csv: line %d: the file breaks off: unexpected EOF; the %d events before it are published", n+2, n)
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	if n < 500 || n > 4500 || summary.Refused != 0 {
		t.Errorf("published %d, refused %d", n, summary.Refused)
	}
}

func TestCharsets(t *testing.T) {
	text := "审批编号,环节,时间,部门\n采购1,签发,2026年1月2日 15:04,行政部\n"
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	const rare = "\x95\x32\x82\x36" // U+20000 𠀀, which takes four bytes in GB18030
	for name, content := range map[string]string{
		"UTF-8": text, "UTF-8 with BOM": "\xef\xbb\xbf" + text, "GBK": gbk, "four bytes": gbk + strings.Replace(gbk[strings.Index(gbk, "\n")+1:], "1,", rare+",", 1),
	} {
		t.Run(name, func(t *testing.T) {
			for _, file := range []string{"a.csv", "b.csv.gz"} {
				path := write(t, file, content)
				events, summary, err := collect(t, path, Options{})
				if err != nil || summary.Refused > 0 {
					t.Fatal(err, summary.Refusals)
				}
				task := events[0].Task
				got := []string{task.CaseID, task.Stage, task.Department, events[0].Time.Format(time.RFC3339)}
				want := []string{"采购1", "签发", "行政部", "2026-01-02T15:04:00Z"}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
				if name == "four bytes" && events[1].Task.CaseID != "采购𠀀" {
					t.Errorf("got %q", events[1].Task.CaseID)
				}
				if isGBK := !strings.HasPrefix(name, "UTF-8"); isGBK != slices.Contains(summary.Warnings, "the file is not UTF-8; it was read as GB18030 (GBK)") {
					t.Errorf("warnings %q", summary.Warnings)
				}
			}
		})
	}
}

func TestDelimitersAndQuotes(t *testing.T) {
	for name, content := range map[string]string{
		"comma":       "case_id,stage,time\r\n1,\"a, \"\"b\"\"\r\nc\",2026-01-02 10:00\r\n\r\n",
		"semicolon":   "case_id;stage;time\n1;\"a, \"\"b\"\"\nc\";2026-01-02 10:00",
		"tab":         "case_id\tstage\ttime\n1\t\"a, \"\"b\"\"\nc\"\t2026-01-02 10:00\n",
		"Excel's sep": "sep=;\ncase_id;stage;time\n1;\"a, \"\"b\"\"\nc\";2026-01-02 10:00\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, summary, err := collect(t, write(t, "a.csv", content), Options{})
			// A stage with a line break is one cell, which no event may have as a name.
			if err != nil || summary.Read != 1 || summary.Refused != 1 || summary.Refusals[0].Reason != "stage contains a control character" {
				t.Errorf("%v %+v", err, summary)
			}
		})
	}
}

func TestMap(t *testing.T) {
	got, err := ParseMap(`case_id=CaseID, stage = Activity ,"time=When, exactly"`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"case_id": "CaseID", "stage": "Activity", "time": "When, exactly"}, got); diff != "" {
		t.Error(diff)
	}
	if got, err := ParseMap(""); err != nil || len(got) != 0 {
		t.Error(got, err)
	}
	f := func(in, want string) {
		t.Helper()
		if _, err := ParseMap(in); err == nil || err.Error() != want {
			t.Errorf("ParseMap(%q): %v, want %s", in, err, want)
		}
	}
	f("case_id", `map: "case_id" is no pair; write field=column, as in case_id=CaseID`)
	f("case_id=", `map: "case_id=" is no pair; write field=column, as in case_id=CaseID`)
	f("case_id=a,case_id=b", "map: case_id stands twice")
	f("who=a", `map: "who" is no field; use case_id, stage, time, action, department, actor, actor_department, due_at, class`)
}

func ids(events []event.Event) []string {
	var all []string
	for _, e := range events {
		all = append(all, e.ID)
	}
	return all
}

// TestIDs: an id depends on what a row says, not on its place, its file or how it
// says it; rows that say the same have ids by their number.
func TestIDs(t *testing.T) {
	rows := []string{
		"1,a,2026-01-02 10:00\n", "1,b,2026-01-02 10:00\n", "2,a,2026-01-02 10:00:00\n", "12,a,2026-01-02 10:00\n", "1,2a,2026-01-02 10:00\n",
	}
	idOf := func(rows []string) map[string]string {
		of := map[string]string{}
		for i, id := range ids(mustCollect(t, write(t, "a.csv", header+strings.Join(rows, "")), Options{})) {
			of[rows[i]] = id
		}
		return of
	}
	first := idOf(rows)
	again := idOf(rows)
	slices.Reverse(rows)
	reversed := idOf(rows)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("a second run gives other ids: %s", diff)
	}
	if diff := cmp.Diff(first, reversed); diff != "" {
		t.Errorf("ids depend on the order of rows: %s", diff)
	}

	same := header + "1,a,2026-01-02 10:00\n1,a,2026-01-02T10:00:00Z\n1,a,2026/1/2 10:00\n"
	got := ids(mustCollect(t, write(t, "a.csv", same), Options{}))
	if got[0] != first["1,a,2026-01-02 10:00\n"] || len(slices.Compact(slices.Sorted(slices.Values(got)))) != 3 {
		t.Errorf("three rows that say the same: %q", got)
	}
	other := ids(mustCollect(t, write(t, "a.csv", same), Options{Process: "other"}))
	if slices.Contains(other, got[0]) {
		t.Error("ids do not depend on the process")
	}
}

// TestTallySpills: repetitions are told apart also when the notes went to disk.
func TestTallySpills(t *testing.T) {
	dir := t.TempDir()
	tally := newTally(dir)
	const different, times = 40_000, 5
	each := func(do func(key, uint64)) {
		for round := range times {
			for i := range different {
				k := keyOf(&event.Event{Task: &event.Task{CaseID: strconv.Itoa(i)}})
				do(k, uint64(round))
			}
		}
	}
	each(func(k key, _ uint64) {
		if err := tally.note(k); err != nil {
			t.Fatal(err)
		}
	})
	if files, _ := os.ReadDir(dir); len(files) == 0 {
		t.Fatal("nothing went to disk")
	}
	if err := tally.settle(); err != nil {
		t.Fatal(err)
	}
	each(func(k key, want uint64) {
		if got, err := tally.earlier(k); err != nil || got != want {
			t.Fatalf("earlier = %d, %v; want %d", got, err, want)
		}
	})
	if _, err := tally.earlier(key{}); err == nil || err.Error() != "the file was changed while it was read; import it again" {
		t.Errorf("one row too many: %v", err)
	}
	if err := tally.close(); err != nil {
		t.Error(err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("%d files are left", len(files))
	}
}

func TestPublishErrorEndsTheRun(t *testing.T) {
	path := write(t, "a.csv", header+strings.Repeat("1,a,2026-01-02 10:00\n", 2000))
	away := errors.New("broker away")
	calls := 0
	summary, err := Run(t.Context(), path, Options{Process: "p", Now: testNow}, func(context.Context, []event.Event) error {
		if calls++; calls == 3 {
			return away
		}
		return nil
	}, nil)
	if !errors.Is(err, away) || err.Error() != "import a.csv: publish 500 events: broker away" {
		t.Error(err)
	}
	if calls != 3 || summary.Published != 1000 {
		t.Errorf("%d calls, %d published; want 3 and 1000", calls, summary.Published)
	}
}

func TestCancelled(t *testing.T) {
	path := write(t, "a.csv", header+"1,a,2026-01-02 10:00\n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Run(ctx, path, Options{Process: "p"}, nil, nil)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestProgressGrowsOnceToTheEnd(t *testing.T) {
	// 13-02 and 02-13 make a reading be repeated with the month first.
	path := write(t, "a.csv.gz", header+strings.Repeat("1,a,02-13-2026 10:00\n", 20000))
	var last, total int64
	_, err := Run(t.Context(), path, Options{Process: "p", Now: testNow},
		func(context.Context, []event.Event) error { return nil },
		func(done, all int64) {
			if done < last || done > all {
				t.Fatalf("progress went from %d to %d of %d", last, done, all)
			}
			last, total = done, all
		})
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if total != info.Size() || last != total {
		t.Errorf("ended at %d of %d, the file has %d bytes", last, total, info.Size())
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	mustCollect(t, write(t, "a.csv", header+strings.Repeat("1,a,2026-01-02 10:00\n", 50000)), Options{})
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		for _, f := range files {
			if strings.HasPrefix(f.Name(), "officepulse-import-") {
				t.Errorf("%s is left", f.Name())
			}
		}
	}
}

// TestWarnings: what looks doubtful is taken, and told.
func TestWarnings(t *testing.T) {
	f := func(name, rows string, want ...string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			_, summary, err := collect(t, write(t, "a.csv", header+rows), Options{})
			if err != nil || summary.Refused > 0 {
				t.Fatal(err, summary.Refusals)
			}
			if diff := cmp.Diff(want, summary.Warnings); diff != "" {
				t.Error(diff)
			}
		})
	}
	f("early", "1,a,2026-01-02 10:00\n1,b,1948-01-26 22:59\n1,c,1970-01-01 00:00\n",
		"2 events lie before 1990, the first in line 3, 1948-01-26T22:59:00Z; they were taken as they are")
	f("no time of day", "1,a,2026-01-02\n", "1 times have no time of day, the first in line 2; 00:00 was taken")
	f("no rows", "", "the file holds no events")
	f("day or month", "1,a,03-04-2016 10:00\n", "no date in the file tells whether 03-04-2016 is April 3 or March 4; the day was read first")
	f("day first", "1,a,03-04-2016 10:00\n1,a,13-04-2016 10:00\n")
	f("month first", "1,a,03-04-2016 10:00\n1,a,03-14-2016 10:00\n",
		"dates such as 03-04-2016 were read with the month first, since other dates in the file can only be read so")
}

func TestMonthFirstHoldsForTheWholeFile(t *testing.T) {
	path := write(t, "a.csv", header+"1,a,03/04/2016 10:00\n1,a,2016-03-04 10:00\n1,a,03/14/2016 10:00\n")
	events := mustCollect(t, path, Options{})
	if got := events[0].Time.Format(time.DateOnly); got != "2016-03-04" {
		t.Errorf("read as %s, want 2016-03-04", got)
	}
	if events[0].ID == events[1].ID {
		t.Error("two rows that say the same have one id")
	}
}

// figures are those of the reference file that an importer can meet.
type figures struct {
	File           string `json:"file"`
	Cases          int    `json:"cases"`
	Events         int    `json:"events"`
	Activities     int    `json:"activities"`
	TimeMin        string `json:"time_min"`
	TimeMax        string `json:"time_max"`
	ActivityCounts map[string]struct {
		Events int `json:"events"`
		Cases  int `json:"cases"`
	} `json:"activity_counts"`
}

// TestRealLogs imports the three logs of the shared folder (README there tells
// where they come from), which lies beside the repository.
func TestRealLogs(t *testing.T) {
	const shared = "../../../shared/data"
	if _, err := os.Stat(shared); errors.Is(err, os.ErrNotExist) {
		t.Skip("the shared folder with the logs is not there")
	}
	data, err := os.ReadFile(filepath.Join(shared, "reference-figures.json"))
	if err != nil {
		t.Fatal(err)
	}
	var reference map[string]json.RawMessage
	if err := json.Unmarshal(data, &reference); err != nil {
		t.Fatal(err)
	}
	for name, opts := range map[string]Options{
		"helpdesk_mendeley": {},
		"uci498_incident_sample": {Map: map[string]string{
			"case_id": "number", "stage": "incident_state", "time": "sys_updated_at", "department": "assignment_group",
		}},
		"bpic2019_1t_per_variant": {},
	} {
		t.Run(name, func(t *testing.T) {
			var want figures
			if err := json.Unmarshal(reference[name], &want); err != nil {
				t.Fatal(err)
			}
			events := mustCollect(t, filepath.Join(shared, filepath.Base(want.File)), opts)
			got := figuresOf(events)
			got.File = want.File
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if unique := slices.Compact(slices.Sorted(slices.Values(ids(events)))); len(unique) != want.Events {
				t.Errorf("%d different ids for %d events", len(unique), want.Events)
			}
		})
	}
}

func figuresOf(events []event.Event) figures {
	f := figures{ActivityCounts: map[string]struct {
		Events int `json:"events"`
		Cases  int `json:"cases"`
	}{}}
	const layout = "2006-01-02T15:04:05.000Z07:00"
	cases, seen := map[string]bool{}, map[string]bool{}
	first, last := events[0].Time, events[0].Time
	for _, e := range events {
		cases[e.Task.CaseID] = true
		if e.Time.Before(first) {
			first = e.Time
		}
		if e.Time.After(last) {
			last = e.Time
		}
		count := f.ActivityCounts[e.Task.Stage]
		count.Events++
		if pair := e.Task.CaseID + "\x00" + e.Task.Stage; !seen[pair] {
			seen[pair] = true
			count.Cases++
		}
		f.ActivityCounts[e.Task.Stage] = count
	}
	f.Cases, f.Events, f.Activities = len(cases), len(events), len(f.ActivityCounts)
	f.TimeMin, f.TimeMax = first.Format(layout), last.Format(layout)
	return f
}

// TestMemoryDoesNotGrow imports 200 MB and looks at the heap on the way.
func TestMemoryDoesNotGrow(t *testing.T) {
	if testing.Short() {
		t.Skip("writes and reads 200 MB")
	}
	path := filepath.Join(t.TempDir(), "big.csv")
	rows := writeBig(t, path, 200<<20)
	runtime.GC() // what the tests before left is not the importer's
	var peak uint64
	calls := 0
	look := func(every int) {
		if calls++; calls%every == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapInuse)
		}
	}
	summary, err := Run(t.Context(), path, Options{Process: "p", Now: testNow},
		func(context.Context, []event.Event) error { look(10); return nil },
		func(int64, int64) { look(10) })
	if err != nil {
		t.Fatal(err)
	}
	if summary.Published != rows {
		t.Errorf("published %d of %d rows", summary.Published, rows)
	}
	t.Logf("%d rows, peak heap %d MiB", rows, peak>>20)
	if peak > 64<<20 {
		t.Errorf("peak heap %d MiB, want at most 64", peak>>20)
	}
}

// writeBig writes rows until the file is that large; every tenth repeats the one
// before.
func writeBig(t *testing.T, path string, size int64) (rows int64) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	b := []byte(header)
	var written int64
	for written < size {
		for range 1000 {
			n := rows - rows%10/9
			b = fmt.Appendf(b, "case-%d,stage %d of the way through the process,2026-01-%02d %02d:%02d:%02d\n", n/7, n%7, 1+n%28, n%24, n%60, n/3%60)
			rows++
		}
		if _, err := file.Write(b); err != nil {
			t.Fatal(err)
		}
		written += int64(len(b))
		b = b[:0]
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestKnownHeaders(t *testing.T) {
	f := func(headers string, want map[string]string) {
		t.Helper()
		c, err := findColumns(strings.Split(headers, ","), nil)
		if err != nil {
			t.Error(err)
			return
		}
		got := map[string]string{}
		for i, name := range c.names() {
			if name != "" {
				got[fieldNames[i]] = name
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: got %v", headers, got)
		}
	}
	f("CaseID,ActivityID,CompleteTimestamp", map[string]string{"case_id": "CaseID", "stage": "ActivityID", "time": "CompleteTimestamp"})
	f("case:concept:name,concept:name,time:timestamp,lifecycle:transition,org:group,org:resource", map[string]string{
		"case_id": "case:concept:name", "stage": "concept:name", "time": "time:timestamp",
		"action": "lifecycle:transition", "department": "org:group", "actor": "org:resource",
	})
	f("审批编号,环节,时间", map[string]string{"case_id": "审批编号", "stage": "环节", "time": "时间"})
	f("Case ID,Activity,Start Time,Complete Time", map[string]string{"case_id": "Case ID", "stage": "Activity", "time": "Complete Time"})
}
