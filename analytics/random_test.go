package analytics_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/analytics/oracle"
	"example.com/officepulse/ingest/event"
)

// story is what happens at the office of the tests.
func story(d oracle.Dice) oracle.Story {
	return oracle.Story{Dice: d, Handbook: office(), Until: day(2027, time.July, 1)}
}

func dice(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 7)) }

const storyCases = 150

func one[T any](d oracle.Dice, values ...T) T { return values[d.IntN(len(values))] }

// question is a random question that the metric can be asked, about all of a story or a part of it.
func question(d oracle.Dice, metric string) oracle.Question {
	q := analytics.Query{
		From: day(2024, time.December, 1), To: day(2027, time.August, 1), Zone: time.UTC, Sort: one(d, analytics.SortCount, analytics.SortTotal),
		Bucket: one(d, analytics.BucketNone, analytics.BucketQuarter, analytics.BucketMonth, analytics.BucketWeek, analytics.BucketDay),
		By:     one(d, askable[metric].by...),
		Clock:  one(d, analytics.ClockElapsed, analytics.ClockWorking),
	}
	if slices.Contains(tables, metric) {
		q.Bucket = analytics.BucketNone
	}
	if d.IntN(3) == 2 && (q.Bucket == analytics.BucketNone || q.Bucket == analytics.BucketQuarter) {
		q.From = day(1948, time.January, 1)
	}
	if d.IntN(2) == 1 {
		q.Zone, _ = time.LoadLocation(one(d, "UTC", "Asia/Shanghai", "America/New_York"))
		q.From = time.Date(q.From.Year(), q.From.Month(), 1, 0, 0, 0, 0, q.Zone)
		q.To = time.Date(q.To.Year(), q.To.Month(), 1, 0, 0, 0, 0, q.Zone)
	}
	narrow(d, metric, &q)
	return oracle.Question{Metric: metric, Query: q}
}

// narrow filters now and then, by everything that the metric can be filtered by.
func narrow(d oracle.Dice, metric string, q *analytics.Query) {
	for _, f := range []struct {
		name   string
		values *[]string
		of     [][]string
	}{
		{"process", &q.Process, [][]string{{"approval", "meeting", "supplies"}, {"purchase", "archive", "emergency", oracle.Foreign}}},
		{"department", &q.Department, [][]string{{"it's \\ odd", "sales"}, {event.MissingDepartment}}},
		{"class", &q.Class, [][]string{{"core"}, {event.MissingDepartment}}},
		{"stage", &q.Stage, [][]string{{"draft", "sign_off"}, {"review"}}},
		{"limit_key", &q.Limits, [][]string{{"approval/core", "supplies/fifth"}, {"purchase/original"}}},
	} {
		if askable[metric].filters[f.name] && d.IntN(4) == 3 {
			*f.values = one(d, f.of...)
		}
	}
}

// askable is what each metric can be asked for, as documented.
var askable = map[string]struct {
	by      []analytics.By
	filters map[string]bool
}{
	"lead_time":    {caseGroups, caseFilters},
	"throughput":   {caseGroups, caseFilters},
	"rework_rate":  {caseGroups, caseFilters},
	"error_rate":   {caseGroups, allFilters},
	"stage_time":   {append([]analytics.By{analytics.ByStage}, caseGroups...), allFilters},
	"faults":       {[]analytics.By{analytics.ByNone, analytics.ByKind, analytics.ByProcess, analytics.ByStage, analytics.ByDepartment}, map[string]bool{"process": true, "department": true, "stage": true}},
	"satisfaction": {[]analytics.By{analytics.ByNone, analytics.ByDepartment}, map[string]bool{"department": true}},
	"variants":     {[]analytics.By{analytics.ByNone}, caseFilters},
	"transitions":  {[]analytics.By{analytics.ByNone}, caseFilters},

	"work_in_progress": {caseGroups, caseFilters},
	"first_pass_yield": {caseGroups, caseFilters},
	"return_rate":      {caseGroups, caseFilters},
	"handovers":        {[]analytics.By{analytics.ByNone}, caseFilters},
	"bottlenecks":      {[]analytics.By{analytics.ByNone}, caseFilters},

	"on_time_rate":            {append([]analytics.By{analytics.ByLimit}, caseGroups...), map[string]bool{"process": true, "department": true, "class": true, "limit_key": true}},
	"archive_on_time":         {caseGroups, caseFilters},
	"equipment_check_on_time": {caseGroups, caseFilters},
	"emergency_response":      {caseGroups, caseFilters},
	"notice_coverage":         {caseGroups, caseFilters},
	"adhoc_purchase_share":    {caseGroups, caseFilters},
	"deviations":              {[]analytics.By{analytics.ByNone}, allFilters},
}

var (
	tables      = []string{"variants", "transitions", "handovers", "bottlenecks", "deviations"}
	caseGroups  = []analytics.By{analytics.ByNone, analytics.ByProcess, analytics.ByDepartment, analytics.ByClass}
	caseFilters = map[string]bool{"process": true, "department": true, "class": true}
	allFilters  = map[string]bool{"process": true, "department": true, "class": true, "stage": true}
)

const questionsPerMetric = 6

// alike compares figures to the millisecond, that is to half a rounding.
var alike = cmpopts.EquateApprox(1e-9, 0.00101)

// TestAgainstOracle asks every metric of random events, stored shuffled and
// with copies, and compares with the slow computation. The questions are many
// enough for ClickHouse to compile the statements, which must change nothing.
func TestAgainstOracle(t *testing.T) {
	for _, office := range []string{"Asia/Shanghai", "America/New_York"} {
		for seed := range uint64(2) {
			t.Run(fmt.Sprintf("%s %d", office, seed), func(t *testing.T) { compareWithOracle(t, office, seed) })
		}
	}
}

func compareWithOracle(t *testing.T, officeZone string, seed uint64) {
	t.Helper()
	d := dice(seed)
	records := story(d).Copies(oracle.Log(story(d).Tell(storyCases)))
	conn := store(t)
	hb, cal := office(), workdays(t, officeZone)
	facts := overFacts(conn, hb, cal)
	for half := range 2 { // several parts, so that copies meet only when they are read
		insert(t, conn, shuffled(d, records[half*len(records)/2:(half+1)*len(records)/2]))
		ask(t, facts, "throughput", question(d, "throughput").Query) // the facts know the first half before the second comes
	}
	m, o := analytics.New(conn, hb, cal).Publishing(0, nil), oracle.New(hb, cal, records)
	for _, metric := range analytics.Names() {
		for range questionsPerMetric {
			q := question(d, metric)
			for _, text := range o.CheckOne(t.Context(), m, q) {
				t.Error(text)
			}
			for _, text := range o.CheckOne(t.Context(), facts, q) {
				t.Error("from the facts:", text)
			}
		}
	}
}

// overFacts are Metrics that read from facts, which they keep up to date themselves.
func overFacts(conn driver.Conn, hb *handbook.Handbook, cal *calendar.Calendar) *analytics.Metrics {
	return analytics.New(conn, hb, cal).Publishing(0, nil).Over(analytics.NewFacts(conn, hb, slog.New(slog.DiscardHandler)))
}

// TestEveryQuestion asks all that the oracle would ask of a running service.
func TestEveryQuestion(t *testing.T) {
	d := dice(11)
	records := story(d).Copies(oracle.Log(story(d).Tell(storyCases)))
	conn := store(t)
	insert(t, conn, shuffled(d, records))
	hb, cal := office(), workdays(t, "Asia/Shanghai")
	for _, text := range oracle.New(hb, cal, records).Check(t.Context(), analytics.New(conn, hb, cal).Publishing(0, nil)) {
		t.Error(text)
	}
}
