package export

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/analytics"
	"example.com/officepulse/dashboard/i18n"
)

var update = flag.Bool("update", false, "write the golden files anew")

var shanghai = time.FixedZone("Asia/Shanghai", 8*3600)

func words(tb testing.TB, l i18n.Language) i18n.Messages {
	tb.Helper()
	catalogue, err := i18n.Load()
	if err != nil {
		tb.Fatal(err)
	}
	return catalogue.In(l)
}

// testReader knows the names of a few keys.
func testReader(tb testing.TB, l i18n.Language, question string) Reader {
	tb.Helper()
	asked, err := url.ParseQuery(question)
	if err != nil {
		tb.Fatal(err)
	}
	known := map[string]string{"department/sales": "Sales", "process/doc_approval": "Document approval", "stage/draft": "Draft", "stage/sign": "Signature"}
	return Reader{
		Words: words(tb, l), Asked: asked, Zone: shanghai,
		Name: func(subject, key, _ string) string {
			if name := known[subject+"/"+key]; name != "" {
				return name
			}
			return key
		},
		Period: func(from, to time.Time) string { return from.Format("2006-01-02") + "_" + to.Format("2006-01-02") },
	}
}

// hostile are keys that a spreadsheet would take for formulas, and other traps.
var hostile = []string{`=HYPERLINK("http://x","y")`, "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "a,b", `say "hi"`, "two\nlines", "\x00", "中文"}

func series(keys ...string) *analytics.Result {
	at := func(y int, m time.Month) time.Time { return time.Date(y, m, 1, 0, 0, 0, 0, shanghai) }
	r := &analytics.Result{
		Metric: "lead_time", Unit: "seconds", Clock: analytics.ClockWorking, Definition: "how long", Timezone: "Asia/Shanghai",
		From: at(2026, 1), To: at(2026, 7), AsOf: time.Date(2026, 7, 2, 1, 2, 3, 4e6, time.UTC),
	}
	for i, key := range keys {
		s := analytics.Series{Key: key, Points: []analytics.Point{
			{Period: "2026Q1", Start: at(2026, 1), End: at(2026, 4), N: 3, Mean: new(1234567.125), Median: new(86400.0), P90: new(1e-7)},
			{Period: "2026Q2", Start: at(2026, 4), End: at(2026, 7), N: uint64(1000 + i), Mean: new(-0.5), Median: new(1e21)},
		}}
		r.Series = append(r.Series, s)
	}
	return r
}

func asCSV(tb testing.TB, e Export) string {
	tb.Helper()
	var b bytes.Buffer
	if err := e.WriteCSV(tb.Context(), &b); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// parsed reads a CSV with the standard library.
func parsed(tb testing.TB, text string) [][]string {
	tb.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, byteOrderMark))).ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	return rows
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", file, d)
	}
}

func TestGoldenCSV(t *testing.T) {
	pairs := &analytics.Result{Metric: "transitions", Unit: "seconds", Timezone: "UTC", Rows: []analytics.Transition{
		{From: "draft", To: "sign", Count: 2, Mean: 60, Median: 61.5, P90: 70, Total: 120}, {From: "sign", To: "=cmd", Count: 1},
	}, N: 3}
	variants := &analytics.Result{Metric: "variants", Unit: "cases", Timezone: "UTC", Rows: []analytics.Variant{
		{Stages: []string{"draft", "sign"}, Count: 9, Share: 0.9}, {Stages: []string{"draft", "-x"}, Count: 1, Share: 0.1},
	}}
	deviations := &analytics.Result{Metric: "deviations", Unit: "seconds", Timezone: "UTC", Rows: []analytics.Deviation{
		{Kind: analytics.DeviationMissing, Process: "doc_approval", Stage: "sign", Cases: 2, Count: 2},
		{Kind: analytics.DeviationOutOfOrder, Process: "doc_approval", Stage: "draft", Cases: 1, Count: 1, Mean: 60, Total: 60},
	}, N: 9}
	for name, c := range map[string]struct {
		answer   any
		question string
	}{
		"deviations":  {deviations, "process=doc_approval"},
		"lead_time":   {series("sales", hostile[0], "中文"), "by=department&bucket=quarter"},
		"transitions": {pairs, "process=doc_approval"},
		"variants":    {variants, ""},
		"empty":       {series(), "by=process"},
	} {
		for _, l := range []i18n.Language{i18n.Chinese, i18n.English} {
			golden(t, name+"."+string(l)+".csv", asCSV(t, New(c.answer, testReader(t, l, c.question))))
		}
	}
}

// TestCSVIsRFC4180 holds the bytes that readers rely on.
func TestCSVIsRFC4180(t *testing.T) {
	text := asCSV(t, New(series(hostile...), testReader(t, i18n.English, "by=department")))
	if !strings.HasPrefix(text, "\uFEFF") {
		t.Error("no byte order mark")
	}
	if bare := strings.ReplaceAll(text, "\r\n", ""); strings.Count(bare, "\n") != 4 { // of "two\nlines": two rows, name and key
		t.Errorf("lines do not end in CRLF: %q", text)
	}
	for _, row := range parsed(t, text)[1:] {
		for _, text := range row[:2] {
			if text != "" && strings.ContainsAny(text[:1], "=+-@\t\r") {
				t.Errorf("%q would be taken for a formula", text)
			}
		}
	}
}

// TestNumbersStayNumbers: also negative ones, and none is cut short.
func TestNumbersStayNumbers(t *testing.T) {
	rows := parsed(t, asCSV(t, New(series("sales"), testReader(t, i18n.English, "by=department"))))
	at := map[string]int{}
	for i, head := range rows[0] {
		at[head] = i
	}
	for head, want := range map[string][]string{
		"Mean (s)": {"1234567.125", "-0.5"}, "Median (s)": {"86400", "1000000000000000000000"}, "P90 (s)": {"0.0000001", ""}, "n": {"3", "1000"},
		"Start (Asia/Shanghai)": {"2026-01-01 00:00:00", "2026-04-01 00:00:00"}, "Department": {"Sales", "Sales"}, "Department (key)": {"sales", "sales"},
	} {
		column, ok := at[head]
		if !ok {
			t.Errorf("there is no column %q in %q", head, rows[0])
			continue
		}
		if got := []string{rows[1][column], rows[2][column]}; !cmp.Equal(want, got) {
			t.Errorf("%s: got %q, want %q", head, got, want)
		}
	}
	if _, ok := at["P75 (s)"]; ok {
		t.Error("a column that no row has was written")
	}
}

func TestHarmless(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if got := harmless(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	for _, text := range []string{"=1", "+1", "-1", "@x", "\tx", "\rx", "\nx", " =1", "＝1", "－1", "\ufeff=1", "\x00"} {
		f(text, "'"+text)
	}
	for _, text := range []string{"", "a=b", "1-2", "'=1", "中文", "~x"} {
		f(text, text)
	}
	f("a\xffb", "a\uFFFDb")
}

func TestFileName(t *testing.T) {
	name, plain := New(series("a"), testReader(t, i18n.Chinese, "")).File("csv")
	if want := words(t, i18n.Chinese).T("metric.lead_time.name") + " 2026-01-01_2026-07-01.csv"; name != want {
		t.Errorf("got %q, want %q", name, want)
	}
	if want := "lead_time_2026-01-01_2026-07-01.csv"; plain != want {
		t.Errorf("got %q, want %q", plain, want)
	}
	got := Disposition("时长 a/b\"\r\n;'(1).csv", "a\"b\r\n.csv")
	if want := `attachment; filename="a-b--.csv"; filename*=UTF-8''%E6%97%B6%E9%95%BF%20a-b---%3B%27%281%29.csv`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// timeline is an answer with several lists, one of them within another.
type timeline struct {
	analytics.Header
	Events []struct {
		Time  time.Time `json:"time"`
		Stage string    `json:"stage"`
	} `json:"events"`
	Stages []struct {
		Stage string `json:"stage"`
		Inner []struct {
			N int `json:"n"`
		} `json:"inner"`
	} `json:"stages"`
}

func TestSeveralTables(t *testing.T) {
	var answer timeline
	answer.Stages = make([]struct {
		Stage string `json:"stage"`
		Inner []struct {
			N int `json:"n"`
		} `json:"inner"`
	}, 2)
	answer.Stages[0].Stage, answer.Stages[1].Stage = "draft", "sign"
	answer.Stages[1].Inner = make([]struct {
		N int `json:"n"`
	}, 2)
	e := New(answer, testReader(t, i18n.English, ""))
	if d := cmp.Diff([]string{"events", "stages"}, e.Tables()); d != "" {
		t.Fatal(d)
	}
	one, ok := e.Only("stages")
	if !ok {
		t.Fatal("a table is not found by its name")
	}
	want := "\uFEFFStage,Stage (key),n\r\nDraft,draft,\r\nSignature,sign,0\r\nSignature,sign,0\r\n"
	if d := cmp.Diff(want, asCSV(t, one)); d != "" {
		t.Error(d)
	}
	if _, ok := e.Only("nothing"); ok {
		t.Error("a table that is not there was found")
	}
	if tables := New(map[string]int{"a": 1}, testReader(t, i18n.English, "")).Tables(); len(tables) != 0 {
		t.Errorf("a map has tables %v", tables)
	}
}

// parts is a list of cases that comes in several answers.
func parts(n, size int) func(context.Context) (any, error) {
	at := 0
	return func(context.Context) (any, error) {
		if at >= n {
			return nil, nil // there is no more
		}
		list := &analytics.CaseList{}
		for range min(size, n-at) {
			list.Cases = append(list.Cases, analytics.CaseRow{Process: "doc_approval", CaseID: fmt.Sprintf("A-%d", at), Seconds: float64(at), Completed: &time.Time{}})
			at++
		}
		return list, nil
	}
}

func TestPaged(t *testing.T) {
	more := parts(2500, 1000)
	first, err := more(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rows := parsed(t, asCSV(t, New(first, testReader(t, i18n.English, "")).Paged(more)))
	if len(rows) != 2501 {
		t.Fatalf("got %d rows, want a head and 2500", len(rows))
	}
	seen := map[string]bool{}
	for _, row := range rows[1:] {
		seen[row[2]] = true
	}
	if len(seen) != 2500 {
		t.Errorf("got %d cases, want 2500", len(seen))
	}
}

// TestWritingStops: with its reader, and on an error of the source.
func TestWritingStops(t *testing.T) {
	broken := errors.New("away")
	e := New(&analytics.CaseList{Cases: make([]analytics.CaseRow, 1)}, testReader(t, i18n.English, "")).
		Paged(func(context.Context) (any, error) { return nil, broken })
	endless := New(&analytics.CaseList{Cases: make([]analytics.CaseRow, 1)}, testReader(t, i18n.English, "")).
		Paged(func(context.Context) (any, error) {
			return &analytics.CaseList{Cases: make([]analytics.CaseRow, 100)}, nil
		})
	for name, write := range map[string]func(Export, context.Context, io.Writer) error{
		"csv": Export.WriteCSV, "xlsx": Export.WriteXLSX,
	} {
		if err := write(e, t.Context(), io.Discard); !errors.Is(err, broken) {
			t.Errorf("%s: the source failed and the writer says %v", name, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := write(endless, ctx, io.Discard); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: the reader left and the writer says %v", name, err)
		}
	}
	gone := errors.New("gone")
	if err := endless.WriteCSV(t.Context(), failing{gone}); !errors.Is(err, gone) {
		t.Errorf("the connection is gone and the writer says %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// TestEveryColumnHasAName looks up what the API's answers would be headed with.
func TestEveryColumnHasAName(t *testing.T) {
	zh := words(t, i18n.Chinese)
	answers := []any{
		&analytics.Result{}, &analytics.CaseList{}, &analytics.CaseTimeline{}, &analytics.Distribution{}, &analytics.Matrix{}, &analytics.Control{},
		&analytics.Comparison{}, &analytics.Moves{}, &analytics.Ageing{}, &analytics.Survival{},
	}
	for _, rows := range []any{[]analytics.Variant{}, []analytics.Transition{}, []analytics.Handover{}, []analytics.Bottleneck{}, []analytics.Deviation{}} {
		answers = append(answers, &analytics.Result{Rows: rows})
	}
	for _, answer := range answers {
		facts, tables := contents(answer)
		if len(tables) == 0 {
			t.Errorf("%T has no table", answer)
		}
		var names []string
		for _, f := range facts {
			names = append(names, strings.Split(f.name, ".")...)
		}
		for _, table := range tables {
			if !zh.Has("export.part." + table.name) {
				t.Errorf("%T: no message for export.part.%s", answer, table.name)
			}
			for _, l := range table.leaves {
				names = append(names, l.path...)
			}
		}
		for _, name := range names {
			if !zh.Has("export.column." + name) {
				t.Errorf("%T: no message for export.column.%s", answer, name)
			}
		}
	}
}
