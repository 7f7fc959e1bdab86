package analytics_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.com/officepulse/analytics"
	"example.com/officepulse/ingest/event"
)

// story makes random events that hold everything awkward: ties in time and
// sequence, cases of one event, unfinished and withdrawn ones, missing
// departments and classes, days without events, times before 1970, foreign
// processes, unknown questionnaires, values off the scale.
type story struct {
	*rand.Rand

	id     int
	events []event.Event
}

func one[T any](s *story, values ...T) T { return values[s.IntN(len(values))] }

func (s *story) add(e event.Event) {
	s.id++
	e.ID = fmt.Sprintf("%08x-%d", s.Uint32(), s.id)
	e.Source = "test"
	e.Sequence = one(s, "", "", "1", "10", "2")
	s.events = append(s.events, e)
}

// start is somewhere in two years, sometimes in 1948; many share a day.
func (s *story) start() time.Time {
	if s.IntN(25) == 0 {
		return time.Date(1948, 1, 26, 22, 59, s.IntN(3), 0, time.UTC)
	}
	return time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, s.IntN(60)*13).Add(time.Duration(s.IntN(24*60)) * time.Minute)
}

// pause is often nothing, so that times tie, and sometimes months.
func (s *story) pause() time.Duration {
	return one(s, 0, 0, time.Millisecond, time.Duration(s.IntN(100_000))*time.Millisecond, time.Duration(s.IntN(600))*time.Minute,
		time.Duration(s.IntN(90*24))*time.Hour)
}

func (s *story) task(process, caseID string, at time.Time) {
	attributes := map[string]string{}
	if class := one(s, "core", "non_core", "", "(missing)"); class != "" {
		attributes[event.AttributeClass] = class
	}
	if process == "foreign" && s.IntN(6) == 0 {
		attributes[event.AttributeAssumeComplete] = "true"
	}
	action := event.Actions()[s.IntN(len(event.Actions()))]
	stage := one(s, "draft", "review", "countersign", "sign_off", "archive")
	switch s.IntN(5) {
	case 0:
		stage, action = "sign_off", event.Sign
	case 1:
		stage, action = "archive", event.Close
	}
	s.add(event.Event{Type: event.TypeTask, Time: at, Task: &event.Task{
		Process: process, CaseID: caseID, Stage: stage, Action: action,
		Department: one(s, "finance", "sales", "it's \\ odd", event.MissingDepartment), Attributes: attributes,
	}})
}

func (s *story) fault(id, process, caseID string) {
	at := s.start()
	for range 1 + s.IntN(3) {
		f := &event.Fault{
			FaultID: id, Process: process, CaseID: one(s, caseID, ""), Stage: one(s, "", "draft", "review"), Kind: one(s, "late", "wrong", "missing"),
			Severity: event.Minor, Status: event.Statuses()[s.IntN(4)], Department: one(s, "finance", "sales", event.MissingDepartment),
		}
		if s.IntN(2) == 0 {
			f.FoundAt = s.start()
		}
		s.add(event.Event{Type: event.TypeFault, Time: at, Fault: f})
		at = at.Add(s.pause())
	}
}

func (s *story) answer(id string) {
	at := s.start()
	for range 1 + s.IntN(2) {
		answers := map[string]event.Value{"comment": event.Text("fine")}
		for _, item := range []string{"speed", "tone", "result", "nonsense"} {
			if s.IntN(3) > 0 {
				answers[item] = event.Number(one(s, 1.0, 2, 3, 4, 5, 2.5, 6, -1, 77, 100.5))
			}
		}
		s.add(event.Event{Type: event.TypeAnswer, Time: at, Answer: &event.Answer{
			AnswerID: id, Wave: "2026Q1", Questionnaire: one(s, "service_v1", "plain_v1", "unknown"),
			Department: one(s, "finance", "sales", "hr"), Answers: answers,
		}})
		at = at.Add(s.pause())
	}
}

func tell(seed uint64) *story {
	s := &story{Rand: rand.New(rand.NewPCG(seed, 7))}
	for i := range 150 {
		process, caseID := one(s, "approval", "purchase", "foreign"), fmt.Sprintf("case-%d", i%140) // some ids twice
		at := s.start()
		for range 1 + s.IntN(9) {
			s.task(process, caseID, at)
			at = at.Add(s.pause())
		}
		if s.IntN(4) == 0 {
			s.fault(fmt.Sprintf("fault-%d", i), process, caseID)
		}
		if s.IntN(2) == 0 {
			s.answer(fmt.Sprintf("answer-%d", i))
		}
	}
	return s
}

// withCopies adds copies of events, some of which Kafka took later with another
// time: those hold.
func (s *story) withCopies(records []event.Record) []event.Record {
	out := append([]event.Record{}, records...)
	for i := range len(records) / 5 {
		c := records[s.IntN(len(records))]
		c.Offset = int64(len(records) + i)
		c.ProducedAt = records[len(records)-1].ProducedAt.Add(time.Duration(i+1) * time.Millisecond)
		if s.IntN(3) == 0 {
			c.Time = c.Time.Add(one(s, -time.Hour, time.Hour))
		}
		out = append(out, c)
	}
	return out
}

// question is a random question that the metric can be asked.
func (s *story) question(metric string) analytics.Query {
	q := analytics.Query{
		From: time.Date(2024, 12, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC),
		Zone: time.UTC, Limit: analytics.DefaultLimit, Sort: one(s, analytics.SortCount, analytics.SortTotal),
		Bucket: one(s, analytics.BucketNone, analytics.BucketQuarter, analytics.BucketMonth, analytics.BucketWeek, analytics.BucketDay),
		By:     one(s, askable[metric].by...),
		Clock:  one(s, analytics.ClockElapsed, analytics.ClockWorking),
	}
	if s.IntN(3) == 0 {
		q.From = time.Date(1948, 1, 1, 0, 0, 0, 0, time.UTC)
		if q.Bucket != analytics.BucketQuarter {
			q.Bucket = analytics.BucketNone
		}
	}
	if name := one(s, "UTC", "Asia/Shanghai", "America/New_York"); s.IntN(2) == 0 {
		q.Zone, _ = time.LoadLocation(name)
		q.From = time.Date(q.From.Year(), q.From.Month(), 1, 0, 0, 0, 0, q.Zone)
		q.To = time.Date(q.To.Year(), q.To.Month(), 1, 0, 0, 0, 0, q.Zone)
	}
	if metric == "variants" || metric == "transitions" {
		q.Bucket = analytics.BucketNone
	}
	for filter, set := range map[string]func(){
		"process":    func() { q.Process = one(s, []string{"approval"}, []string{"purchase", "foreign"}) },
		"department": func() { q.Department = one(s, []string{"it's \\ odd", "sales"}, []string{event.MissingDepartment}) },
		"class":      func() { q.Class = []string{one(s, "core", "(missing)")} },
		"stage":      func() { q.Stage = one(s, []string{"draft", "sign_off"}, []string{"review"}) },
	} {
		if askable[metric].filters[filter] && s.IntN(4) == 0 {
			set()
		}
	}
	return q
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
}

var (
	caseGroups  = []analytics.By{analytics.ByNone, analytics.ByProcess, analytics.ByDepartment, analytics.ByClass}
	caseFilters = map[string]bool{"process": true, "department": true, "class": true}
	allFilters  = map[string]bool{"process": true, "department": true, "class": true, "stage": true}
)

const questionsPerMetric = 8

// alike compares figures to the millisecond, that is to half a rounding.
var alike = cmp.Options{
	cmpopts.EquateApprox(1e-9, 0.00101),
	cmpopts.IgnoreFields(analytics.Point{}, "Start", "End"),
}

// TestAgainstOracle asks every metric of random events, stored shuffled and
// with copies, and compares with the slow computation. The questions are many
// enough for ClickHouse to compile the statements, which must change nothing.
func TestAgainstOracle(t *testing.T) {
	for _, office := range []string{"Asia/Shanghai", "America/New_York"} {
		for seed := range uint64(3) {
			t.Run(fmt.Sprintf("%s %d", office, seed), func(t *testing.T) { compareWithOracle(t, office, seed) })
		}
	}
}

func compareWithOracle(t *testing.T, officeZone string, seed uint64) {
	t.Helper()
	s := tell(seed)
	records := s.withCopies(log(s.events))
	conn := store(t)
	for half := range 2 { // several parts, so that copies meet only when they are read
		insert(t, conn, shuffled(s.Rand, records[half*len(records)/2:(half+1)*len(records)/2]))
	}
	hb, cal := office(), workdays(t, officeZone)
	m, o := analytics.New(conn, hb, cal), newOracle(hb, cal, records)
	for _, metric := range analytics.Names() {
		for range questionsPerMetric {
			q := s.question(metric)
			got := ask(t, m, metric, q)
			var diff string
			switch metric {
			case "variants":
				rows, n := o.variants(q)
				diff = cmp.Diff(rows, got.Rows, alike) + cmp.Diff(n, got.N)
			case "transitions":
				rows, n := o.transitions(q)
				diff = cmp.Diff(rows, got.Rows, alike) + cmp.Diff(n, got.N)
			default:
				diff = cmp.Diff(o.series(metric, q), got.Series, alike)
			}
			if diff != "" {
				t.Fatalf("%s %+v (-want +got):\n%s", metric, q, diff)
			}
		}
	}
}
