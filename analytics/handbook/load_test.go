package handbook_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/ingest/event"
)

func TestDefault(t *testing.T) {
	hb := handbook.Default()
	for _, key := range []string{
		"meeting", "doc_approval", "archive", "supplies", "test_report", "special_procurement", "liaison_item", "project_coord",
		"emergency", "supplier_risk", "data_request", "seal", "reception", "incoming", "supervision",
	} {
		p, ok := hb.Process(key)
		if !ok || len(p.Stages) < 2 {
			t.Errorf("process %s has %d stages", key, len(p.Stages))
		}
	}
	approval, _ := hb.Process(hb.Headline)
	if got, want := approval.Ends, (handbook.Step{Stage: "sign", Action: "sign"}); got != want {
		t.Errorf("%s ends with %v, want %v", hb.Headline, got, want)
	}
	if s, ok := approval.Stage("countersign"); !ok || !s.Repeats {
		t.Error("countersigning by several departments would count as rework")
	}
	if d, ok := hb.Department("production"); !ok || d.Headcount != 520 || d.Name.In("zh") != "生产部" {
		t.Errorf("production is %v, %v", d, ok)
	}
	if k, ok := hb.FaultKind("notice_missed"); !ok || k.Name.In("en") == "" {
		t.Errorf("notice_missed is %v, %v", k, ok)
	}
	if _, ok := hb.Class("core"); !ok {
		t.Error("no class core")
	}
	if q, ok := hb.Questionnaire("office_services.v1"); !ok || len(q.Items) != 5 || q.Levels[2] != 30 {
		t.Errorf("questionnaire is %v, %v", q, ok)
	}
	c, err := hb.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	if got := c.SecondsPerDay(); got != 8*3600 {
		t.Errorf("a working day has %d seconds", got)
	}
	if _, ok := hb.Process("template_7f3a"); ok {
		t.Error("found a process that is not there")
	}
}

// The handbook keeps its own list of actions; this is what holds it to the event's.
func TestEveryActionMayEndACase(t *testing.T) {
	for _, action := range event.Actions() {
		text := strings.Replace(valid, "action: sign", "action: "+string(action), 1)
		if _, err := handbook.Parse([]byte(text)); err != nil {
			t.Errorf("%s: %v", action, err)
		}
	}
}

const valid = `version: "1"
timezone: Asia/Shanghai
fiscal_year_start: 4
office_hours: [08:30-12:00, 13:30-18:00]
headline: approval
departments:
  - {key: a, name: {zh: 甲, en: A}, headcount: 3}
processes:
  - key: approval
    name: {zh: 审批, en: Approval}
    ends: {stage: sign, action: sign}
    stages:
      - {key: draft, name: {zh: 起草, en: Draft}}
      - {key: sign, name: {zh: 签发, en: Sign}}
fault_kinds:
  - {key: late, name: {zh: 超时, en: Late}}
classes:
  - {key: core, name: {zh: 核心, en: Core}}
questionnaires:
  - key: q.v1
    name: {zh: 问卷, en: Survey}
    levels: {2: 100, 1: 0}
    items:
      - {key: i, name: {zh: 项, en: Item}, weight: 1}
`

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "handbook.yaml")
	if err := os.WriteFile(path, []byte(valid), 0o600); err != nil {
		t.Fatal(err)
	}
	hb, err := handbook.Load(path)
	if err != nil || hb.FiscalYearStart != 4 {
		t.Fatalf("got %v, %v", hb, err)
	}
	if _, err := handbook.Load(path + ".missing"); err == nil {
		t.Error("a missing file was read")
	}
}

// One of each mistake in one file: all are told at once, each with its line and
// what to do about it.
func TestParseNamesEveryMistake(t *testing.T) {
	data, err := os.ReadFile("testdata/mistakes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, err = handbook.ParseHistory(data, fstest.MapFS{
		"bad.json":  {Data: []byte(`{"year": 1, "papers": [], "days": [{"name": "春节", "date": "2026-02-30"}, {"name": "", "date": "0001-02-03", "isOffDay": true}]}`)},
		"good.json": {Data: []byte(goodYear)}, "again.json": {Data: []byte(goodYear)},
	})
	if err == nil {
		t.Fatal("read without a complaint")
	}
	golden(t, "testdata/mistakes.txt", err.Error()+"\n")
	for _, m := range handbook.Mistakes(fmt.Errorf("wrapped: %w", err)) {
		if m.Line == 0 || m.Text == "" || m.Remedy == "" {
			t.Errorf("mistake without a line, a text or a remedy: %+v", m)
		}
	}
}

const goodYear = `{"year": 2027, "papers": ["https://www.gov.cn/a-notice"], "days": [
	{"name": "元旦", "date": "2027-01-01", "isOffDay": true}, {"name": "国庆节", "date": "2027-10-01", "isOffDay": true}]}`

// golden compares with a file, which -update writes.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

var update = flag.Bool("update", false, "write the golden files")

func TestParseRefuses(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		_, err := handbook.Parse([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30q: got %v, want %q", text, err, want)
		}
	}
	f("", "line 1: the file is empty")
	f("a: 1\n\tb: 2\n", "line 2: ")
	f("- a\n- b\n", "line 1: expected a block of keys and values")
	f(valid+"---\nversion: 2\n", fmt.Sprintf("line %d: from is missing", strings.Count(valid, "\n")+2))
	f(valid+"---\n", fmt.Sprintf("line %d: expected a block of keys and values", strings.Count(valid, "\n")+2))
	f(valid+"version: 2\n", fmt.Sprintf(`line %d: mapping key "version" already defined at line 1`, strings.Count(valid, "\n")+1))
	f(strings.Replace(valid, "Asia/Shanghai", "Local", 1), `line 2: time zone "Local" is unknown`)
	f(strings.Replace(valid, "[08:30-12:00, 13:30-18:00]", "all day", 1), "line 4: office hours are a list")
	f(strings.Replace(valid, "[08:30-12:00, 13:30-18:00]", "[]", 1), "line 4: office_hours is empty")
}

// What Parse accepts can be worked with: its calendar can be built, and a case
// of every process can end.
func FuzzParse(f *testing.F) {
	f.Add([]byte(valid))
	f.Add([]byte("departments: &d [{key: a}]\nprocesses: *d\n"))
	f.Add([]byte("office_hours: [08:30-12:00, 8-9]\n"))
	f.Add([]byte("!"))
	f.Add([]byte("? {a: b}\n: <<: *x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		hb, err := handbook.Parse(data)
		if err != nil {
			return
		}
		c, err := hb.Calendar()
		if err != nil {
			t.Fatal(err)
		}
		noon := time.Date(2026, 9, 21, 12, 0, 0, 0, c.Zone())
		if got := c.Between(noon, noon.AddDate(0, 0, 1)); got != time.Duration(c.SecondsPerDay())*time.Second {
			t.Errorf("a day has %v", got)
		}
		if _, ok := hb.Process(hb.Headline); !ok {
			t.Errorf("headline %q is no process", hb.Headline)
		}
		for _, p := range hb.Processes {
			if _, ok := p.Stage(p.Ends.Stage); !ok {
				t.Errorf("process %q cannot end", p.Key)
			}
		}
	})
}

// What people think of a service is set against one process: the one that names
// it, else the one of its key.
func TestServices(t *testing.T) {
	hb := handbook.Default()
	for service, want := range map[string]string{"meetings": "meeting", "coordination": "liaison_item", "doc_approval": "doc_approval", "supplies": "supplies", "meeting": "", "attitude": ""} {
		p, ok := hb.ServiceProcess(service)
		if p.Key != want && ok || ok != (want != "") {
			t.Errorf("%s is done by %q (%v), want %q", service, p.Key, ok, want)
		}
	}
	text := strings.Replace(string(handbook.Example()), "services: [coordination]", "services: [coordination, meetings, '']", 1)
	_, err := handbook.ParseHistory([]byte(text), nil)
	if err == nil || !strings.Contains(err.Error(), `service "meetings" is done by the process on line 69 already`) || !strings.Contains(err.Error(), "the entry is empty") {
		t.Errorf("a service that two processes do, and one without a name: %v", err)
	}
}
