package importer

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSummaryAsJSON(t *testing.T) {
	f := func(s Summary, want string) {
		t.Helper()
		got, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Error(diff)
		}
	}
	f(Summary{}, `{"read":0,"published":0,"refused":0,"closes":0}`)
	f(Summary{
		Read: 3, Published: 1, Refused: 2, Closes: 1, Columns: map[string]string{"stage": "Step"},
		Refusals: []Refusal{{Line: 2, Kind: "time", Reason: "r"}, {Line: 3, Trace: 1, Event: 2, Kind: "time", Reason: "r"}},
		Reasons:  map[string]int64{"time": 2}, Warnings: []string{"w"},
	}, `{"read":3,"published":1,"refused":2,"closes":1,"columns":{"stage":"Step"},`+
		`"refusals":[{"line":2,"kind":"time","reason":"r"},{"line":3,"trace":1,"event":2,"kind":"time","reason":"r"}],`+
		`"reasons":{"time":2},"warnings":["w"]}`)
}

func TestColumnsAreTold(t *testing.T) {
	f := func(name, path string, opts Options, want string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			_, summary, err := collect(t, path, opts)
			if err != nil {
				t.Fatal(err)
			}
			if got := summary.ColumnsText(); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
	f("guessed", write(t, "a.csv", "审批编号,环节,时间,发起人部门,金额\n1,a,2026-01-02 10:00,财务,7\n"), Options{},
		`case_id="审批编号", stage="环节", time="时间", department="发起人部门"`)
	f("mapped", write(t, "a.csv", "case_id,stage,time,Step\n1,a,2026-01-02 10:00,b\n"), Options{Map: map[string]string{"stage": "step"}},
		`case_id="case_id", stage="Step", time="time"`)
	f("workbook", workbook(t, [][]any{xlsxHeader, {"1", "a", "2026-01-02 10:00"}}, nil), Options{},
		`case_id="审批编号", stage="环节", time="时间", department="部门"`)
	group := func(name string) string { return `<string key="org:group" value="` + name + `"/>` }
	f("log", write(t, "a.xes", xes(group("office")+xesEvent("a", "2026-01-02T10:00:00Z", ""))), Options{},
		`case_id="case:concept:name", stage="concept:name", time="time:timestamp", department="case:org:group"`)
	f("log with departments at events", write(t, "a.xes", xes(xesEvent("a", "2026-01-02T10:00:00Z", group("office")))), Options{},
		`case_id="case:concept:name", stage="concept:name", time="time:timestamp", department="org:group"`)
}

// TestRareRefusalsKeepExamples: a common reason does not hide a rare one.
func TestRareRefusalsKeepExamples(t *testing.T) {
	rows := strings.Repeat("1,a,soon\n", 200) + strings.Repeat("1,a\n", 4) + ",a,2026-01-02 10:00\n"
	_, summary, err := collect(t, write(t, "a.csv", header+rows), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, k := range summary.ByKind() {
		var at []int64
		for _, r := range k.Examples {
			at = append(at, r.Line)
		}
		got = append(got, fmt.Sprint(k.Kind, " ", k.Count, ": ", at))
	}
	if diff := cmp.Diff([]string{"time 200: [2 3 4]", "columns 4: [202 203 204]", "case_id 1: [206]"}, got); diff != "" {
		t.Error(diff)
	}
	if len(summary.Refusals) != 104 {
		t.Errorf("kept %d refusals, want the first 100 and 4 of the rare kinds", len(summary.Refusals))
	}
}

func TestClosesAreCounted(t *testing.T) {
	rows := "case_id,stage,time,action\n1,a,2026-01-02 10:00,close\n1,a,2026-01-02 11:00,关闭\n1,a,2026-01-02 12:00,sign\n1,a,soon,close\n"
	_, summary, err := collect(t, write(t, "a.csv", rows), Options{})
	if err != nil || summary.Closes != 2 {
		t.Errorf("counted %d closes, want 2 (%v)", summary.Closes, err)
	}
}
