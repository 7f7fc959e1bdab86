package demo

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"example.com/officepulse/ingest/event"
)

// matter is a case with all the steps it will take.
type matter struct {
	process, id, department string
	attributes              map[string]string
	steps                   []step
}

// step is what becomes one task event.
type step struct {
	at     int64 // milliseconds since 1970
	due    int64 // likewise; 0 for none
	stage  string
	action event.Action
	actor  *person
}

// event builds the event of step i. It is built when it is sent and not before:
// a step takes a tenth of the memory.
func (m *matter) event(i int) event.Event {
	s := &m.steps[i]
	id := make([]byte, 0, 64)
	id = append(append(append(id, "demo-"...), m.id...), '-')
	id = strconv.AppendInt(id, int64(i+1), 10)
	task := &event.Task{
		Process: m.process, CaseID: m.id, Stage: s.stage, Action: s.action, Department: m.department,
		Actor: s.actor.id, ActorDepartment: s.actor.department, Attributes: m.attributes,
	}
	if s.due != 0 {
		task.DueAt = time.UnixMilli(s.due).UTC()
	}
	return event.Event{
		ID: string(id), Source: Source, Type: event.TypeTask, Time: time.UnixMilli(s.at).UTC(), Sequence: sequence(i), Task: task,
	}
}

// sequences are made once: nearly every event needs one of the first few.
var sequences = func() []string {
	all := make([]string, 64)
	for i := range all {
		all[i] = pad(i+1, 4)
	}
	return all
}()

func sequence(i int) string {
	if i < len(sequences) {
		return sequences[i]
	}
	return pad(i+1, 4)
}

// walk leads a case from stage to stage; now is where its clock stands.
type walk struct {
	tale    *tale
	flow    *flow
	r       *rand.Rand // the flow's
	now     time.Time
	changed bool    // the process's change has reached this case
	luck    float64 // how early it does, 0 to 1
	matter  *matter
}

// step notes that someone did something now.
func (w *walk) step(stage string, action event.Action, actor *person) {
	w.matter.steps = append(w.matter.steps, step{at: w.now.UnixMilli(), stage: stage, action: action, actor: actor})
}

// due gives the step noted last a time limit.
func (w *walk) due(at time.Time) {
	w.matter.steps[len(w.matter.steps)-1].due = at.UnixMilli()
}

// workingDays from now on.
func (w *walk) workingDays(n float64) time.Time {
	return w.tale.calendar.Add(w.now, time.Duration(n*float64(w.tale.calendar.SecondsPerDay()))*time.Second)
}

// work lets working time pass.
func (w *walk) work(s spread) {
	w.now = w.tale.calendar.Add(w.now, w.flow.draw(s))
}

// workAfterWaiting lets working time pass, most of it before anyone begins.
func (w *walk) workAfterWaiting(s spread, stage string, actor *person) {
	took := w.flow.draw(s)
	waited := time.Duration(float64(took) * (0.6 + 0.3*w.r.Float64()))
	w.now = w.tale.calendar.Add(w.now, waited)
	w.step(stage, event.Start, actor)
	w.now = w.tale.calendar.Add(w.now, took-waited)
}

// choose is what holds for this case, before or after its process was changed.
func (w *walk) choose(before, after spread) spread {
	if w.changed {
		return after
	}
	return before
}

// start opens a case of f at an instant.
func (t *tale) start(f *flow, at time.Time, department string) *walk {
	m := &matter{process: f.process, id: t.number(f.process, at), department: department, steps: make([]step, 0, f.steps)}
	w := &walk{tale: t, flow: f, r: f.r, now: at, luck: f.r.Float64(), matter: m}
	w.meetChange()
	return w
}

// meetChange looks whether the process's change has reached the case by now.
func (w *walk) meetChange() { w.changed = w.luck < effect(w.flow.change, w.now) }

// number is the id of a case: process, year of its start, running number, and
// the telling.
func (t *tale) number(process string, at time.Time) string {
	year := strconv.Itoa(at.In(t.zone).Year())
	key := process + "-" + year
	t.numbers[key]++
	return key + "-" + pad(t.numbers[key], 6) + t.telling
}

// fate is how a case ends.
type fate int

const (
	completed fate = iota
	withdrawn
	stranded
)

// finish takes a planned case over, which may come to nothing on its way. It
// reports whether the case was completed.
func (t *tale) finish(f *flow, m *matter) bool {
	switch {
	case f.urgent:
		return t.tell(f, m, completed)
	case t.trouble.withdrawals.take(withdrawnShare) && t.withdraw(m):
		return t.tell(f, m, withdrawn)
	case t.strand(m):
		return t.tell(f, m, stranded)
	default:
		return t.tell(f, m, completed)
	}
}

// tell sends a case's steps. It may still be open at the end; when it was
// completed, it may turn out to be faulty. It reports whether it was completed.
func (t *tale) tell(f *flow, m *matter, end fate) bool {
	planned := len(m.steps)
	over := t.end.UnixMilli()
	m.steps = slices.DeleteFunc(m.steps, func(s step) bool { return s.at >= over })
	if len(m.steps) == 0 {
		return false
	}
	t.facts.Cases[m.process]++
	t.postCase(m)
	switch {
	case f.unknown:
		t.facts.Unknown++
	case len(m.steps) < planned || end == stranded:
		t.facts.Open++
	case end == withdrawn:
		t.facts.Withdrawn++
	default:
		t.facts.Completed++
		t.judge(f, m)
		return true
	}
	return false
}
