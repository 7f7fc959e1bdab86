package handbook_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
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

// One of each mistake in one file: all are named at once, each with its line.
func TestParseNamesEveryMistake(t *testing.T) {
	const text = `version: ""
timezone: Mars/Olympus
fiscal_year_start: 13
office_hours:
  - 12:00-08:30
  - 13:30-18:00
  - 14:00-15:00
headline: nothing
colour: red
departments:
  - {key: a, name: {zh: 甲, en: A}, headcount: -1}
  - {key: a, name: {zh: 乙, en: B}, headcount: 2}
  - {key: b, name: {en: B}}
  - {key: c, name: {zh: 丙}, headcont: 2}
  -
processes:
  - key: one
    name: {zh: 一, en: One}
    ends: {stage: three, action: jump}
    stages:
      - {key: s, name: {zh: 一, en: S}}
      - {key: s, name: {zh: 二, en: T}}
  - key: one
    name: {zh: 二, en: Two}
    stages: []
  - name: {zh: 三, en: Three}
    ends: {stage: s, action: close}
    stages:
      - {key: s, name: {zh: 一, en: S}, repeats: often}
fault_kinds:
  - {key: late, name: {zh: 超时, en: Late}}
  - {key: late, name: {zh: 超时, en: Late}}
questionnaires:
  - key: q
    name: {zh: 问卷, en: Survey}
    levels:
      1: 101
      2: -1
    items:
      - {key: i, name: {zh: 项, en: Item}, weight: 0}
      - {key: j, name: {zh: 项, en: Item}, weight: .nan}
      - {key: k, name: {zh: 项, en: Item}, weight: heavy}
`
	want := []string{
		"line 1: version is missing",
		"line 1: classes is missing",
		`line 2: time zone "Mars/Olympus" is unknown; use an IANA name such as Asia/Shanghai`,
		"line 3: fiscal_year_start is a month, 1 to 12, and not 13",
		`line 5: "12:00-08:30" ends before it begins or leaves the day`,
		`line 7: "14:00-15:00" overlaps the hours before it or comes out of order`,
		`line 8: headline "nothing" is no process of this handbook`,
		`line 9: unknown key "colour"`,
		"line 11: headcount -1 is negative",
		`line 12: key "a" is taken since line 11`,
		`line 13: name in "zh" of "b" is missing`,
		`line 14: unknown key "headcont"`,
		`line 14: name in "en" of "c" is missing`,
		"line 15: the entry is empty",
		`line 19: process "one" has no stage "three" to end with`,
		`line 19: action "jump" is unknown; use one of submit, start, complete, approve, return, reject, sign, archive, notify, ` +
			`check, remind, transfer, withdraw, comment, reopen, close`,
		`line 22: key "s" is taken since line 21`,
		`line 23: key "one" is taken since line 17`,
		`line 23: process "one" has no ends; say which action in which stage completes a case`,
		"line 25: stages is empty",
		"line 26: key is missing",
		"line 29: expected true or false, found `often`",
		`line 32: key "late" is taken since line 31`,
		"line 37: level 1 is worth 101 points, which is not 0 to 100",
		"line 38: level 2 is worth -1 points, which is not 0 to 100",
		"line 40: weight 0 is not above 0",
		"line 41: weight NaN is not above 0",
		"line 42: expected a number, found `heavy`",
	}
	_, err := handbook.Parse([]byte(text))
	if err == nil {
		t.Fatal("read without a complaint")
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
}

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
	f(valid+"---\nversion: 2\n", fmt.Sprintf("line %d: a second document begins", strings.Count(valid, "\n")+1))
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
