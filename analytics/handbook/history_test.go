package handbook_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
)

func shanghai(t *testing.T, text string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04:05", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func parse(t *testing.T, text string) *handbook.History {
	t.Helper()
	h, err := handbook.ParseHistory([]byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// The shipped versions: a case that started a second before the manual was
// issued is judged by what held before.
func TestDefaultVersions(t *testing.T) {
	h := handbook.Default().History()
	f := func(at, version string, limits int) {
		t.Helper()
		got := h.At(shanghai(t, at))
		archive, _ := got.Process("archive")
		if got.Version != version || len(archive.Limits) != limits {
			t.Errorf("at %s version %q with %d limits for the archive, want %q with %d", at, got.Version, len(archive.Limits), version, limits)
		}
	}
	f("1948-01-26 08:00:00", "2024-10", 0) // there is no older one
	f("2026-03-31 23:59:59", "2024-10", 0)
	f("2026-04-01 00:00:00", "2026-04", 1)
	f("2030-01-01 00:00:00", "2026-04", 1)

	before, now := h.Versions()[0], h.Versions()[1]
	if h.Current(shanghai(t, "2025-01-01 00:00:00")) != before || h.Latest() != now || handbook.Default().Version != now.Version {
		t.Error("the versions are not in order")
	}
	if diff := cmp.Diff(before.Departments, now.Departments); diff != "" {
		t.Errorf("what the manual left out did not stay (-before +now):\n%s", diff)
	}
	limit := func(h *handbook.Handbook, key string) handbook.Limit {
		p, _ := h.Process("doc_approval")
		l, _ := p.Limit(key)
		return l
	}
	if got := [3]handbook.Duration{limit(before, "core").Within, limit(now, "core").Within, limit(now, "non_core").Within}; got != [3]handbook.Duration{
		handbook.Duration(5 * 24 * time.Hour), handbook.Duration(3 * 24 * time.Hour), handbook.Duration(2 * 24 * time.Hour),
	} {
		t.Errorf("core documents before and now, non-core documents now: %v", got)
	}
	if before.Begins().IsZero() || before.Begins().After(now.Begins()) {
		t.Errorf("versions begin %v and %v", before.Begins(), now.Begins())
	}
}

// Every process that the office promises something about has a limit.
func TestDefaultLimits(t *testing.T) {
	hb := handbook.Default()
	want := map[string]string{
		"meeting":             "minutes within 2d working, equipment_check before 1h elapsed",
		"doc_approval":        "core within 3d working, non_core within 2d working",
		"archive":             "both_copies within 1d elapsed_roll_forward",
		"supplies":            "plan_by_the_fifth day_of_month 5 elapsed_roll_forward",
		"test_report":         "answered within 1d working",
		"special_procurement": "reviewed within 5d working",
		"liaison_item":        "routed end_of day elapsed_roll_forward, closed within 5d working",
		"project_coord":       "coordinated within 4h working, resolved within 5d working",
		"project_sync":        "",
		"emergency":           "response within 30m elapsed, response_critical within 15m elapsed, departments_told_critical within 30m elapsed, departments_told within 1h elapsed, handled within 3d elapsed, supplier_stop_solved within 3d elapsed, reviewed within 5d working",
		"supplier_risk":       "quarterly end_of quarter elapsed_roll_forward",
		"supervision":         "closed due_at original elapsed",
		"data_request":        "delivered within 1d working",
		"seal":                "done within 1d working",
		"reception":           "plan_approved within 1d working, settled within 5d working",
		"incoming":            "reply within 7d working",
	}
	got := make(map[string]string)
	for _, p := range hb.Processes {
		var limits []string
		for _, l := range p.Limits {
			how := map[handbook.Form]string{
				handbook.FormWithin: l.Within.String(), handbook.FormBefore: l.Before.String(), handbook.FormDayOfMonth: "5",
				handbook.FormEndOf: l.EndOf, handbook.FormDueAt: l.DueAt,
			}[l.Form()]
			limits = append(limits, strings.Join([]string{l.Key, string(l.Form()), how, string(l.Runs())}, " "))
		}
		got[p.Key] = strings.Join(limits, ", ")
		for _, s := range p.Stages {
			if s.Responsible == "" {
				t.Errorf("nobody is responsible for %s/%s", p.Key, s.Key)
			}
		}
		if len(p.Routes) == 0 {
			t.Errorf("process %s has no route", p.Key)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
	approval, _ := hb.Process("doc_approval")
	if r, ok := approval.Route("core"); !ok || len(r.Stages) != 5 {
		t.Errorf("core documents go %v", r)
	}
	if r, ok := approval.Route("secret"); ok {
		t.Errorf("documents of a class without a route go %v", r)
	}
}

// later is a second version that takes out, adds and changes.
const later = valid + `---
version: "2"
from: 2026-04-01
office_hours: [09:00-12:00, 13:00-18:00]
departments:
  - {key: b, name: {zh: 乙, en: B}}
  - {key: a, removed: true}
processes:
  - key: approval
    limits:
      - {key: signed, name: {zh: 签发, en: Signed}, within: 1d, clock: working}
---
version: "3"
from: 2026-07-01
processes:
  - key: approval
    name: {zh: 新审批, en: New approval}
    limits:
      - {key: signed, name: {zh: 签发, en: Signed}, end_of: week}
      - {key: told, name: {zh: 告知, en: Told}, due_at: current}
fault_kinds:
  - {key: late, removed: true}
  - {key: wrong, name: {zh: 错, en: Wrong}}
`

func TestVersionSaysWhatChanges(t *testing.T) {
	h := parse(t, later)
	v := h.Versions()
	approval := func(i int) handbook.Process { p, _ := v[i].Process("approval"); return p }
	if approval(0).Limits != nil || len(approval(1).Limits) != 1 || len(approval(2).Limits) != 2 {
		t.Errorf("limits are %v, %v, %v", approval(0).Limits, approval(1).Limits, approval(2).Limits)
	}
	if l := approval(2).Limits[0]; l.Form() != handbook.FormEndOf || l.Within != 0 || l.Clock != "" {
		t.Errorf("what a limit was lingers: %+v", l)
	}
	if len(approval(2).Stages) != 2 || approval(1).Name.EN != "Approval" || approval(2).Name.EN != "New approval" {
		t.Errorf("the process is %+v", approval(2))
	}
	if _, ok := v[1].Department("a"); ok || len(v[2].Departments) != 1 || v[2].OfficeHours[0].From != 9*3600 {
		t.Errorf("version 3 has departments %v and hours %v", v[2].Departments, v[2].OfficeHours)
	}
	// Old keys keep their names.
	if d, ok := h.Department("a"); !ok || d.Name.EN != "A" {
		t.Errorf("department a is %v", d)
	}
	if k, ok := h.FaultKind("late"); !ok || k.Name.EN != "Late" {
		t.Errorf("fault late is %v", k)
	}
	if p, ok := h.Process("approval"); !ok || p.Name.EN != "New approval" || len(h.Processes()) != 1 {
		t.Errorf("process is %v", p)
	}
	if _, ok := h.Limit("approval", "told"); !ok {
		t.Error("limit told is lost")
	}
	if _, ok := h.Stage("approval", "nothing"); ok {
		t.Error("found a stage that no version has")
	}
}

// A day has the hours of the version in force on it, whatever version the
// calendar is asked of; a "working day" is that version's own.
func TestCalendarOfVersions(t *testing.T) {
	h := parse(t, strings.Replace(later, "version: \"2\"\n", `version: "2"
calendar:
  off:
    - {day: 2026-01-05, name: {zh: 厂庆, en: Anniversary}}
    - {day: 2026-05-11, to: 2026-05-12, name: {zh: 检修, en: Overhaul}}
  work:
    - {day: 2026-12-31, name: {zh: 半天, en: Half a day}, hours: [09:00-12:00]}
  alternate_saturdays:
    - {from: 2025-12-06, name: {zh: 大小周, en: Alternate Saturdays}}
`, 1)+"calendar: {alternate_saturdays: []}\n")
	f := func(c *calendar.Calendar, date, hours, name string, source calendar.Source) {
		t.Helper()
		got := c.Day(shanghai(t, date+" 12:00:00"))
		if d := time.Duration(calendar.Length(got.Hours)) * time.Second; d.String() != hours || got.Name.EN != name || got.Source != source {
			t.Errorf("%s: %v %+v, want %s %q %s", date, d, got, hours, name, source)
		}
	}
	for i, v := range h.Versions() {
		c, err := v.Calendar()
		if err != nil {
			t.Fatal(err)
		}
		if want := []int{8 * 3600, 8 * 3600, 8 * 3600}[i]; c.SecondsPerDay() != want {
			t.Errorf("a working day has %d seconds", c.SecondsPerDay())
		}
		f(c, "2026-03-31", "8h0m0s", "", calendar.SourceNotice)
		f(c, "2026-01-05", "0s", "Anniversary", calendar.SourceCompany) // whichever version names it
		f(c, "2026-05-12", "0s", "Overhaul", calendar.SourceCompany)
		f(c, "2026-12-31", "3h0m0s", "Half a day", calendar.SourceCompany)
		f(c, "2026-03-28", "0s", "", calendar.SourceNotice)                         // before the version with the Saturdays
		f(c, "2026-04-11", "8h0m0s", "Alternate Saturdays", calendar.SourceCompany) // the fortnights are counted from December
		f(c, "2026-04-18", "0s", "", calendar.SourceNotice)
		f(c, "2026-06-20", "0s", "Dragon Boat Festival", calendar.SourceNotice) // within a holiday
		f(c, "2026-07-04", "0s", "", calendar.SourceNotice)                     // after it
	}
}

func TestYearFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("handbook.yaml", valid+"calendar: {year_files: [2027.json]}\n")
	write("2027.json", goodYear)
	hb, err := handbook.Load(filepath.Join(dir, "handbook.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := hb.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Provisional(shanghai(t, "2026-01-01 00:00:00"), shanghai(t, "2029-01-01 00:00:00")); !cmp.Equal(got, []int{2028}) {
		t.Errorf("provisional are %v", got)
	}
	if d := c.Day(shanghai(t, "2027-10-01 12:00:00")); d.Workday || d.Name.EN != "National Day" || d.Source != calendar.SourceYearFile {
		t.Errorf("National Day is %+v", d)
	}
	if _, err := handbook.Parse([]byte(valid + "calendar: {year_files: [2027.json]}\n")); err == nil || !strings.Contains(err.Error(), "cannot be read from here") {
		t.Errorf("got %v", err)
	}
}

func TestRefusesVersionsOutOfOrder(t *testing.T) {
	_, err := handbook.Parse([]byte(strings.Replace(later, "2026-07-01", "2026-04-01", 1)))
	if err == nil || !strings.Contains(err.Error(), `from 2026-04-01 is not after 2026-04-01, when version "2" begins; write a later day`) {
		t.Errorf("got %v", err)
	}
}
