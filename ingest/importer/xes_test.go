package importer

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"example.com/officepulse/ingest/event"
)

// xes is a log of one trace, "c", with these tags in it.
func xes(inside string) string {
	return "<?xml version=\"1.0\"?>\n<log>\n<trace><string key=\"concept:name\" value=\"c\"/>\n" + inside + "\n</trace>\n</log>\n"
}

func xesEvent(name, time, more string) string {
	return `<event><string key="concept:name" value="` + name + `"/><date key="time:timestamp" value="` + time + `"/>` + more + "</event>\n"
}

func TestXES(t *testing.T) {
	log := `<?xml version="1.0" encoding="utf-8"?>
<!-- a comment -->
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="x"/>
<global scope="event"><string key="concept:name" value="__INVALID__"/></global>
<string key="concept:name" value="the log"/>
<trace>
  <string key="concept:name" value="c1"><string key="concept:name" value="nested"/></string>
  <string key="org:group" value="Sales"/>
  <event>
    <string key="concept:name" value="draft"/>
    <date key="time:timestamp" value="2026-01-02T10:00:00.123+08:00"/>
    <string key="org:resource" value="Li"/><string key="org:group" value="HR"/>
    <string key="lifecycle:transition" value="START"/>
    <list key="more"><values><string key="concept:name" value="nested"/></values></list>
  </event>
  <event><date key="time:timestamp" value="2026-01-02T10:00:00"/><string key="concept:name" value="draft"/><string key="lifecycle:transition" value="suspend"/></event>
</trace>
<trace>
  <string key="concept:name" value="c2"/><string key="org:group" value="?"/>
  <event><string key="concept:name" value="sign"/><date key="time:timestamp" value="2026-01-02T10:00:00Z"/><string key="org:group" value="HR"/></event>
  <event><string key="concept:name" value="sign"/><date key="time:timestamp" value="2026-01-02T10:00:00Z"/><string key="org:group" value="EMPTY"/></event>
</trace>
</log>`
	type row struct{ Case, Stage, Action, Department, Actor, ActorDepartment, Time, Sequence, Lifecycle string }
	want := []row{
		{"c1", "draft", "start", "Sales", "Li", "HR", "02:00:00.123", "000000000001", ""},
		{"c1", "draft", "comment", "Sales", "", "", "10:00:00", "000000000002", "suspend"},
		{"c2", "sign", "complete", "HR", "", "", "10:00:00", "000000000003", ""},
		{"c2", "sign", "complete", event.MissingDepartment, "", "", "10:00:00", "000000000004", ""},
	}
	for _, name := range []string{"a.xes", "a.xes.gz"} {
		var got []row
		for _, e := range mustCollect(t, write(t, name, log), Options{}) {
			k := e.Task
			got = append(got, row{k.CaseID, k.Stage, string(k.Action), k.Department, k.Actor, k.ActorDepartment, e.Time.Format("15:04:05.999"), e.Sequence, k.Attributes[AttributeLifecycle]})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestXESMapped(t *testing.T) {
	log := xes(`<string key="Vendor" value="V1"/>` + xesEvent("a", "2026-01-02T10:00:00Z", `<string key="Step" value="b"/>`))
	e := mustCollect(t, write(t, "a.xes", log), Options{Map: map[string]string{"department": "case:Vendor", "stage": "Step"}})
	if e[0].Task.Department != "V1" || e[0].Task.Stage != "b" {
		t.Errorf("%+v", e[0].Task)
	}
}

func TestXESInGBK(t *testing.T) {
	log := strings.Replace(xes(xesEvent("签发", "2026-01-02T10:00:00Z", "")), `"1.0"?`, `"1.0" encoding="GBK"?`, 1)
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(log)
	if err != nil {
		t.Fatal(err)
	}
	if e := mustCollect(t, write(t, "a.xes", gbk), Options{}); e[0].Task.Stage != "签发" {
		t.Errorf("stage %q", e[0].Task.Stage)
	}
}

func TestXESRefusedEvents(t *testing.T) {
	log := "<log><trace>" + xesEvent("early", "2026-01-02T10:00:00Z", "") + `<string key="concept:name" value="c"/>` +
		xesEvent("good", "2026-01-02T10:00:00Z", "") + xesEvent("bad", "noon", "") + "<event/>\n</trace></log>"
	events, summary, err := collect(t, write(t, "a.xes", log), Options{})
	if err != nil || len(events) != 1 {
		t.Fatal(err, events)
	}
	var got []string
	for _, r := range summary.Refusals {
		got = append(got, r.String())
	}
	want := []string{
		"line 1 (trace 1, event 1): the trace has no concept:name before its events",
		`line 3 (trace 1, event 3): time (column "time:timestamp") "noon" is no time that can be read; write for example 2026-09-30 17:00:00 or 2026-09-30T17:00:00+08:00`,
		`line 4 (trace 1, event 4): time (column "time:timestamp") is missing or empty`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// An event outside every trace is refused with its line, not passed over.
func TestXESStrayEvents(t *testing.T) {
	log := "<log>\n" + xesEvent("stray", "2026-01-02T10:00:00Z", "") + `<trace><string key="concept:name" value="c"/>` +
		xesEvent("good", "2026-01-02T10:00:00Z", "") + "</trace>\n" + xesEvent("stray", "2026-01-02T10:00:00Z", "") + "</log>"
	events, summary, err := collect(t, write(t, "a.xes", log), Options{})
	if err != nil || len(events) != 1 || summary.Read != 3 || summary.Refused != 2 {
		t.Fatalf("error %v, events %v, summary %+v", err, events, summary)
	}
	for i, line := range []int64{2, 5} {
		if r := summary.Refusals[i]; r.Line != line || !strings.Contains(r.Reason, "outside every <trace>") {
			t.Errorf("refusal %d is %+v, want line %d", i, r, line)
		}
	}
}

// TestXESBroken: the events before the break are published, and the error names
// the line.
func TestXESBroken(t *testing.T) {
	two := xesEvent("a", "2026-01-02T10:00:00Z", "") + xesEvent("b", "2026-01-02T10:00:00Z", "")
	f := func(name, log string, limit int, want string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			events, summary, err := collect(t, write(t, "a.xes", log), Options{Limits: Limits{Line: limit}})
			if err == nil || err.Error() != "import a.xes: "+want+"; the 2 events before it are published" {
				t.Errorf("got %v\nwant %s", err, want)
			}
			if len(events) != 2 || summary.Read != 2 {
				t.Errorf("published %d of %d events, want 2", len(events), summary.Read)
			}
		})
	}
	start := "<log>\n<trace><string key=\"concept:name\" value=\"c\"/>\n" + two // line 5 is next
	f("wrong tag", start+"<event></trace></log>", 0, "line 5: the XML is broken: element <event> closed by </trace>")
	f("cut off", start+"<event><string key=\"concept", 0, "line 5: the XML is broken: unexpected EOF")
	f("tags left open", start+"\n", 0, "line 6: the XML is broken: unexpected EOF")
	f("entity", start+"<event><string key=\"concept:name\" value=\"&xxe;\"/>", 0, "line 5: the XML is broken: invalid character entity &xxe;")
	f("no UTF-8", start+"<event><string key=\"concept:name\" value=\"\xff\"/>", 0, "line 5: the XML is broken: invalid UTF-8")
	f("long token", start+"<!-- "+strings.Repeat("x", 2000)+" -->", 1000, "line 5: a tag, text or comment is too long: more than 1000 bytes")
}
