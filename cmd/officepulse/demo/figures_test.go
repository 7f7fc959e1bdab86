package demo_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/cmd/officepulse/demo"
	"example.com/officepulse/ingest/event"
)

// figures are the story's metrics computed the slow and obvious way, from the
// events and the handbook alone.
type figures struct {
	hb       *handbook.Handbook
	calendar *calendar.Calendar
	cases    map[string]*aCase
	scores   map[string]map[string][]float64 // wave -> department -> scores
}

type aCase struct {
	id, process, class string
	events             []event.Event
	completed          time.Time // zero while open
	withdrawn          bool
	faulty             bool
}

func compute(t *testing.T, events []event.Event) *figures {
	t.Helper()
	f := &figures{hb: handbook.Default(), cases: make(map[string]*aCase), scores: make(map[string]map[string][]float64)}
	var err error
	if f.calendar, err = f.hb.Calendar(); err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	last := make(map[string]event.Event) // fault -> its latest report
	for _, e := range events {
		if seen[e.ID] {
			continue
		}
		seen[e.ID] = true
		switch e.Type {
		case event.TypeTask:
			f.addTask(e)
		case event.TypeFault:
			if known, ok := last[e.Fault.FaultID]; !ok || later(e, known) {
				last[e.Fault.FaultID] = e
			}
		case event.TypeAnswer:
			f.addAnswer(t, e.Answer)
		}
	}
	for _, e := range last {
		if e.Fault.Status == event.Confirmed || e.Fault.Status == event.Corrected {
			f.cases[e.Fault.CaseID].faulty = true
		}
	}
	for _, c := range f.cases {
		slices.SortFunc(c.events, func(a, b event.Event) int {
			if later(a, b) {
				return 1
			}
			return -1
		})
	}
	return f
}

func later(a, b event.Event) bool {
	return a.Time.After(b.Time) || a.Time.Equal(b.Time) && a.Sequence > b.Sequence
}

func (f *figures) addTask(e event.Event) {
	c := f.cases[e.Task.CaseID]
	if c == nil {
		c = &aCase{id: e.Task.CaseID, process: e.Task.Process, class: e.Task.Attributes[event.AttributeClass]}
		f.cases[c.id] = c
	}
	c.events = append(c.events, e)
	c.withdrawn = c.withdrawn || e.Task.Action == event.Withdraw
	p, known := f.hb.Process(c.process)
	if known && e.Task.Stage == p.Ends.Stage && string(e.Task.Action) == p.Ends.Action && e.Time.After(c.completed) {
		c.completed = e.Time
	}
}

func (f *figures) addAnswer(t *testing.T, a *event.Answer) {
	t.Helper()
	q, ok := f.hb.Questionnaire(a.Questionnaire)
	if !ok {
		t.Fatalf("questionnaire %s is not in the handbook", a.Questionnaire)
	}
	sum, weights := 0.0, 0.0
	for _, item := range q.Items {
		level, ok := a.Answers[item.Key].Number()
		points, known := q.Levels[int(level)]
		if !ok || !known {
			t.Fatalf("answer %s to %s is %v", a.AnswerID, item.Key, a.Answers[item.Key])
		}
		sum += item.Weight * points
		weights += item.Weight
	}
	if f.scores[a.Wave] == nil {
		f.scores[a.Wave] = make(map[string][]float64)
	}
	f.scores[a.Wave][a.Department] = append(f.scores[a.Wave][a.Department], sum/weights)
}

// quarter of an instant in the office's zone, as in "2026Q3".
func (f *figures) quarter(at time.Time) string {
	local := at.In(f.calendar.Zone())
	return strconv.Itoa(local.Year()) + "Q" + strconv.Itoa((int(local.Month())+2)/3)
}

// errorRate in percent over the cases completed in some quarters.
func (f *figures) errorRate(quarters ...string) float64 {
	faulty, completed := 0, 0
	for _, c := range f.cases {
		if c.completed.IsZero() || !slices.Contains(quarters, f.quarter(c.completed)) {
			continue
		}
		completed++
		if c.faulty {
			faulty++
		}
	}
	return 100 * float64(faulty) / float64(completed)
}

// approval is the mean lead time in working days, of all classes when class is "".
func (f *figures) approval(class string, quarters ...string) float64 {
	var sum time.Duration
	n := 0
	for _, c := range f.cases {
		if c.process != "doc_approval" || c.completed.IsZero() || !slices.Contains(quarters, f.quarter(c.completed)) {
			continue
		}
		if class == "" || class == c.class {
			sum += f.calendar.Between(c.events[0].Time, c.completed)
			n++
		}
	}
	return sum.Hours() / 8 / float64(n)
}

// satisfaction is the mean of the departments' means.
func (f *figures) satisfaction(wave string) float64 {
	sum := 0.0
	for _, scores := range f.scores[wave] {
		sum += mean(scores)
	}
	return sum / float64(len(f.scores[wave]))
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// generate collects a whole story.
func generate(t *testing.T, opts demo.Options) ([]event.Event, demo.Facts) {
	t.Helper()
	var events []event.Event
	facts, err := demo.Generate(opts, handbook.Default(), func(e event.Event) error {
		events = append(events, e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return events, facts
}
