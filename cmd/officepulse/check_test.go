package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/analytics/handbook"
)

// program runs a command that needs no service.
func program(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, messages bytes.Buffer
	cmd := root()
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&messages)
	err = cmd.ExecuteContext(t.Context())
	return out.String(), messages.String(), err
}

func writeFile(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCheckTellsWhatIsInAHandbook(t *testing.T) {
	example, _, err := program(t, "check", "--example")
	if err != nil || example != string(handbook.Example()) {
		t.Fatalf("the example is not the shipped handbook (%d bytes, %v)", len(example), err)
	}
	dir := t.TempDir()
	file := writeFile(t, dir, "handbook.yaml", example)
	out, messages, err := program(t, "check", file)
	if err != nil || messages != "" {
		t.Fatalf("%v\n%s", err, messages)
	}
	latest := handbook.Default()
	for _, want := range []string{
		"handbook " + latest.Version, "version 2024-10: 16 processes,", "departments; holds from 2024-10-01", "version 2026-04:", "in force", "calendar ",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}

	// A year whose holidays nobody announced is provisional until a file has them.
	next := time.Now().Year() + 1
	year := writeFile(t, dir, "next.json", `{"year": `+time.Now().AddDate(1, 0, 0).Format("2006")+`, "papers": ["a notice"], "days": [{"name": "元旦", "date": "`+
		time.Now().AddDate(1, 0, 0).Format("2006")+`-01-01", "isOffDay": true}]}`)
	dated := writeFile(t, dir, "dated.yaml", strings.Replace(example, "headline:", "calendar: {year_files: ["+filepath.Base(year)+"]}\nheadline:", 1))
	var before, after Checked
	for path, into := range map[string]*Checked{file: &before, dated: &after} {
		out, _, err := program(t, "check", path, "--json")
		if err != nil || json.Unmarshal([]byte(out), into) != nil || !into.OK || len(into.Mistakes) != 0 {
			t.Fatalf("check --json of %s: %v\n%s", filepath.Base(path), err, out)
		}
	}
	for _, y := range after.Handbook.ProvisionalYears {
		if y == next {
			t.Errorf("%d is provisional in spite of its year file", next)
		}
	}
	if before.Handbook.CalendarVersion == after.Handbook.CalendarVersion && len(before.Handbook.ProvisionalYears) > 0 {
		t.Error("a year file left the calendar as it was")
	}
}

func TestCheckNamesEveryMistake(t *testing.T) {
	const file = "../../analytics/handbook/testdata/mistakes.yaml"
	wanted, err := os.ReadFile("../../analytics/handbook/testdata/mistakes.txt")
	if err != nil {
		t.Fatal(err)
	}
	out, messages, err := program(t, "check", file)
	got := strings.Split(strings.TrimSpace(strings.ReplaceAll(messages, file+": ", "")), "\n")
	if err == nil || out != "" || !strings.Contains(err.Error(), counted(len(got), "mistake")) {
		t.Errorf("check of a bad handbook: %v\n%s", err, out)
	}
	// Its year files lie in the tests of the package only.
	aboutYears := func(line string) bool { return strings.HasPrefix(line, "line 86: ") }
	if d := cmp.Diff(slices.DeleteFunc(strings.Split(strings.TrimSpace(string(wanted)), "\n"), aboutYears), slices.DeleteFunc(slices.Clone(got), aboutYears)); d != "" {
		t.Errorf("mistakes (-want +got):\n%s", d)
	}
	out, _, err = program(t, "check", file, "--json")
	var c Checked
	if err == nil || json.Unmarshal([]byte(out), &c) != nil || c.OK || len(c.Mistakes) != len(got) || c.Mistakes[2].Line == 0 || c.Mistakes[2].Remedy == "" {
		t.Errorf("check --json of a bad handbook: %v\n%s", err, out)
	}
}

func TestCheckWithoutAFile(t *testing.T) {
	f := func(want string, args ...string) {
		t.Helper()
		out, _, err := program(t, append([]string{"check"}, args...)...)
		if err == nil || !strings.Contains(err.Error(), want) || out != "" {
			t.Errorf("check %q: %v\n%s", args, err, out)
		}
	}
	f("name one file")
	f("name one file", "a", "b")
	f("no such file", filepath.Join(t.TempDir(), "nothing.yaml"))
	f("none of the others can be", "--example", "--json")
}
