package analytics_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/analytics/oracle"
	"example.com/officepulse/ingest/event"
)

// promising is a handbook of two versions: the second changes hours, limits and
// routes, takes a limit away and gives a process its first route.
func promising(t *testing.T) (*handbook.Handbook, *calendar.Calendar) {
	t.Helper()
	versions := []string{`
version: "2025"
timezone: Asia/Shanghai
fiscal_year_start: 4
office_hours: [08:30-12:00, 13:30-18:00]
headline: approval
departments: [{key: sales, name: {zh: 销售部, en: Sales}}]
classes: [{key: core, name: {zh: 核心, en: Core}}, {key: non_core, name: {zh: 非核心, en: Non-core}}]
fault_kinds: [{key: late, name: {zh: 超时, en: Late}}]
questionnaires:
  - {key: q, name: {zh: 问卷, en: Survey}, levels: {1: 100}, items: [{key: i, name: {zh: 项, en: Item}, weight: 1}]}
processes:
  - key: approval
    name: {zh: 审批, en: Approval}
    ends: {stage: sign_off, action: sign}
    stages: [{key: draft, name: {zh: 一, en: D}}, {key: review, name: {zh: 二, en: R}, repeats: true}, {key: sign_off, name: {zh: 三, en: S}}]
    routes: [{stages: [draft, review, sign_off], may_skip: [review]}]
    limits:
      - {key: signed, name: {zh: 限, en: L}, within: 3d, clock: working}
      - {key: month, name: {zh: 限, en: L}, end_of: month, where: {order: planned}}
  - key: archive
    name: {zh: 归档, en: Archiving}
    ends: {stage: paper, action: archive}
    stages: [{key: electronic, name: {zh: 一, en: E}}, {key: paper, name: {zh: 二, en: P}}]
    limits: [{key: gone, name: {zh: 限, en: L}, end_of: week}]
`, `
version: "2026"
from: 2026-01-05
office_hours: [09:00-17:30]
processes:
  - key: approval
    routes: [{class: core, stages: [review, draft, sign_off]}]
    limits:
      - {key: signed, name: {zh: 限, en: L}, class: core, within: 1d, clock: working}
      - {key: due, name: {zh: 限, en: L}, due_at: original, to: {stage: review, action: approve}}
  - key: archive
    routes: [{stages: [electronic, paper]}]
    limits:
      - {key: gone, removed: true}
      - key: both_copies
        name: {zh: 限, en: L}
        to: [{stage: electronic, action: archive}, {stage: paper, action: archive}]
        within: 24h
        clock: elapsed_roll_forward
`}
	hb, err := handbook.Parse([]byte(strings.Join(versions, "---")))
	if err != nil {
		t.Fatal(err)
	}
	cal, err := hb.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	return hb, cal
}

// TestPromisesOfVersions asks the metrics that judge by the handbook about a
// story that begins before one version and ends after it.
func TestPromisesOfVersions(t *testing.T) {
	hb, cal := promising(t)
	d := dice(21)
	told := oracle.Story{Dice: d, Handbook: hb, Until: day(2027, time.July, 1)}
	records := told.Copies(oracle.Log(told.Tell(storyCases)))
	conn := store(t)
	insert(t, conn, shuffled(d, records))
	m, o := analytics.New(conn, hb, cal).Publishing(0, nil), oracle.New(hb, cal, records)
	found := 0
	for _, q := range o.Questions() {
		if !slices.Contains([]string{"on_time_rate", "archive_on_time", "emergency_response", "deviations", "variants"}, q.Metric) || !slices.Contains([]analytics.Bucket{analytics.BucketNone, analytics.BucketQuarter}, q.Query.Bucket) {
			continue
		}
		for _, text := range o.CheckOne(t.Context(), m, q) {
			t.Error(text)
		}
		if r := ask(t, m, q.Metric, q.Query); len(r.Series) > 0 || r.N > 0 {
			found++
		}
	}
	if found < 12 {
		t.Errorf("only %d questions have an answer", found)
	}
}

// TestOverdueIsAMatterOfNow: what is open becomes overdue without any event of
// its own, and what is done stops being so.
func TestOverdueIsAMatterOfNow(t *testing.T) {
	conn, hb, cal := store(t), office(), workdays(t, "Asia/Shanghai")
	at := func(d, hour int) time.Time { return time.Date(2026, 6, d, hour, 0, 0, 0, cal.Zone()).UTC() }
	produce := func(id, stage string, action event.Action, at time.Time) {
		t.Helper()
		insert(t, conn, []event.Record{{
			Event: event.Event{ID: id, Source: "/test", Type: event.TypeTask, Time: at, Task: &event.Task{
				Process: "archive", CaseID: "c" + id[:1], Stage: stage, Action: action, Department: "sales",
			}},
			ProducedAt: at,
		}})
	}
	ask := func() (n, count, overdue uint64) {
		t.Helper()
		r := ask(t, analytics.New(conn, hb, cal).Publishing(0, nil), "archive_on_time", analytics.Query{From: at(1, 0), To: at(30, 0)})
		if len(r.Series) == 0 {
			return 0, 0, 0
		}
		p := r.Series[0].Points[0]
		return p.N, *p.Count, *p.Overdue
	}
	expect := func(when string, n, count, overdue uint64) {
		t.Helper()
		if gotN, gotCount, gotOverdue := ask(); gotN != n || gotCount != count || gotOverdue != overdue {
			t.Errorf("%s: n %d, count %d, overdue %d; want %d, %d, %d", when, gotN, gotCount, gotOverdue, n, count, overdue)
		}
	}
	produce("1a", "electronic", event.Submit, at(1, 9))
	expect("at once", 0, 0, 0)
	produce("2a", "electronic", event.Submit, at(2, 9))
	expect("after a day to the second", 0, 0, 0)
	produce("3a", "electronic", event.Submit, at(2, 10))
	expect("an hour later", 1, 0, 1)
	produce("1b", "electronic", event.Archive, at(2, 11))
	produce("1c", "paper", event.Archive, at(2, 12))
	expect("once it is done", 1, 0, 0)
}

// TestLimitsFilter: limits are asked for by process and key.
func TestLimitsFilter(t *testing.T) {
	d := dice(22)
	records := oracle.Log(story(d).Tell(storyCases))
	conn := store(t)
	insert(t, conn, records)
	m := analytics.New(conn, office(), workdays(t, "Asia/Shanghai")).Publishing(0, nil)
	q := analytics.Query{From: day(2024, time.December, 1), To: day(2027, time.August, 1), By: analytics.ByLimit}
	all := make(map[string]uint64)
	for _, s := range ask(t, m, "on_time_rate", q).Series {
		all[s.Key] = s.Points[0].N
	}
	for _, limit := range []string{"approval/core", "purchase/original", "supplies/fifth"} {
		one := q
		one.Limits = []string{limit}
		series := ask(t, m, "on_time_rate", one).Series
		if len(series) != 1 || series[0].Key != limit || series[0].Points[0].N != all[limit] {
			t.Errorf("%s alone: %+v; of all, %d", limit, series, all[limit])
		}
	}
}
