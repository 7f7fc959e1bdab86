package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/ingest/importer"
)

func TestImportNamesOneFile(t *testing.T) {
	const example = "for example officepulse import tickets.csv --process helpdesk"
	f := func(want string, args ...string) {
		t.Helper()
		cmd := root()
		cmd.SetArgs(append([]string{"import"}, args...))
		if err := cmd.ExecuteContext(t.Context()); err == nil || err.Error() != want {
			t.Errorf("import %q: got %v, want %s", args, err, want)
		}
	}
	f("name one file, " + example)
	f("name one file, "+example, "")
	f("name one file, not 2, "+example, "a.csv", "b.csv")
}

// Results go to standard output; what to mend goes to standard error.
func TestImportSummary(t *testing.T) {
	s := importer.Summary{
		Read: 13711, Published: 1, Refused: 13710, Columns: map[string]string{"time": "When", "case_id": "编号"},
		Reasons: map[string]int64{"time": 13709, "columns": 1}, Warnings: []string{"w"},
		Refusals: []importer.Refusal{
			{Line: 2, Kind: "time", Reason: "r2"},
			{Line: 3, Kind: "time", Reason: "r3"},
			{Line: 4, Kind: "columns", Reason: "r4"},
			{Line: 5, Kind: "time", Reason: "r5"},
			{Line: 6, Kind: "time", Reason: "r6"},
		},
	}
	var results, messages strings.Builder
	if err := printSummary(&results, &messages, &s, false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("events read 13711, published 1, refused 13710\ncolumns: case_id=\"编号\", time=\"When\"\n", results.String()); diff != "" {
		t.Error(diff)
	}
	want := "refused for time: 13709\n  line 2: r2\n  line 3: r3\n  line 5: r5\n  and 13706 more\nrefused for columns: 1\n  line 4: r4\nnote: w\n"
	if diff := cmp.Diff(want, messages.String()); diff != "" {
		t.Error(diff)
	}
	results.Reset()
	messages.Reset()
	if err := printSummary(&results, &messages, &s, true); err != nil {
		t.Fatal(err)
	}
	if messages.Len() != 0 || !strings.Contains(results.String(), `"refusals": [`) || !strings.Contains(results.String(), `"warnings": [`) {
		t.Errorf("--json printed %q, and as messages %q", results.String(), messages.String())
	}
}

func TestNoteOnCasesThatStayOpen(t *testing.T) {
	f := func(name string, s importer.Summary, o importer.Options, want bool) {
		t.Helper()
		if got := openCases(&s, o); (got != "") != want {
			t.Errorf("%s: note %q, want one: %v", name, got, want)
		}
	}
	f("nothing closes", importer.Summary{Published: 1}, importer.Options{Process: "helpdesk"}, true)
	f("an event closes", importer.Summary{Published: 1, Closes: 1}, importer.Options{Process: "helpdesk"}, false)
	f("assumed", importer.Summary{Published: 1}, importer.Options{Process: "helpdesk", AssumeComplete: true}, false)
	f("in the handbook", importer.Summary{Published: 1}, importer.Options{Process: "doc_approval"}, false)
	f("nothing published", importer.Summary{}, importer.Options{Process: "helpdesk"}, false)
}

// A file that cannot be read gives its error and no figures.
func TestImportErrorWithoutSummary(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }))
	defer server.Close()
	t.Setenv("OFFICEPULSE_TOKEN", "x")
	table := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(table, []byte("case_id,stage,time\n1,a,soon\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := func(wantOut, wantErr string, args ...string) {
		t.Helper()
		var out strings.Builder
		cmd := root()
		cmd.SetOut(&out)
		cmd.SetErr(io.Discard)
		cmd.SetArgs(append([]string{"import", "--server", server.URL, "--process", "p", "--no-wait"}, args...))
		if err := cmd.ExecuteContext(t.Context()); err == nil || err.Error() != wantErr {
			t.Errorf("got %v, want %s", err, wantErr)
		}
		if out.String() != wantOut {
			t.Errorf("printed %q, want %q", out.String(), wantOut)
		}
	}
	f("", "import none.csv: there is no such file", filepath.Join(t.TempDir(), "none.csv"))
	f("", "import a.csv: line 1: this is not XML (does it begin with <?xml or <log>?); for a table use --format csv", table, "--format", "xes")
	f("events read 1, published 0, refused 1\ncolumns: case_id=\"case_id\", stage=\"stage\", time=\"time\"\n", "1 of 1 events were refused", table)
}
