package oracle

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/ingest/event"
)

// Dice is where chance comes from: a *rand.Rand of a known seed, or a property
// test's own. The number is from 0 to n-1, and 0 stands for the plainest choice.
type Dice interface {
	IntN(n int) int
}

// Story makes up events that the door takes and that hold everything awkward:
// ties in time and sequence, cases of one event, unfinished and withdrawn ones,
// missing departments and classes, days without events, times before 1970,
// processes and questionnaires that the handbook does not know, values off the
// scale.
type Story struct {
	Dice     Dice
	Handbook *handbook.Handbook // whose processes and questionnaires occur
	Until    time.Time          // no event is later; nearly all lie in the 900 days before
	Name     string             // begins every id, so that stories of different names never meet
}

// Foreign is a process of every [Story] that no handbook defines.
const Foreign = "foreign"

// Tell returns the events of some cases that belong together, each with its
// faults and an answer now and then. Its ids are unique.
func (s Story) Tell(cases int) []event.Event {
	var events []event.Event
	for i := range cases {
		process, caseID := s.process(), s.id("case", i*14/15) // some ids twice, mostly in two processes
		at := s.somewhen()
		for range 1 + s.Dice.IntN(9) {
			events = append(events, s.task(process, caseID, at))
			at = s.notLater(at.Add(s.pause()))
		}
		if s.Dice.IntN(4) == 0 {
			at := s.somewhen()
			for range 1 + s.Dice.IntN(3) {
				events = append(events, s.fault(s.id("fault", i), process, caseID, at))
				at = s.notLater(at.Add(s.pause()))
			}
		}
		if s.Dice.IntN(2) == 0 {
			at := s.somewhen()
			for range 1 + s.Dice.IntN(2) {
				events = append(events, s.answer(s.id("answer", i), at))
				at = s.notLater(at.Add(s.pause()))
			}
		}
	}
	return Numbered(events)
}

// Subject is a case, a fault or an answer, about which events tell.
type Subject struct {
	of          event.Type
	process, id string
	caseID      string // of a fault
}

// Subject returns one of three cases a process, of three faults or of three
// answers.
func (s Story) Subject() Subject {
	id := s.Dice.IntN(3)
	switch s.Dice.IntN(4) {
	case 2:
		return Subject{of: event.TypeFault, id: s.id("fault", id), process: s.process(), caseID: s.id("case", s.Dice.IntN(3))}
	case 3:
		return Subject{of: event.TypeAnswer, id: s.id("answer", id)}
	default:
		return Subject{of: event.TypeTask, id: s.id("case", id), process: s.process()}
	}
}

// Happens returns an event about a subject on one of three days, so that several
// meet. It has no id: see [Story.Named].
func (s Story) Happens(to Subject) event.Event {
	at := s.Until.AddDate(0, 0, -300*(1+s.Dice.IntN(3)))
	at = s.notLater(at.Add(s.pause()))
	switch to.of {
	case event.TypeFault:
		return s.fault(to.id, to.process, to.caseID, at)
	case event.TypeAnswer:
		return s.answer(to.id, at)
	default:
		return s.task(to.process, to.id, at)
	}
}

// Numbered makes the ids of events unique by their numbers in the list.
func Numbered(events []event.Event) []event.Event {
	for i := range events {
		events[i].ID += "-" + strconv.Itoa(i)
	}
	return events
}

// Copies returns records with some of them once more: as Kafka delivers them
// again, or as a producer sends them again later, most of those with another
// time. The later one counts. Answers keep their time: the warehouse knows only the
// day on which Kafka took one, so of different copies it could keep either.
func (s Story) Copies(records []event.Record) []event.Record {
	out := append([]event.Record{}, records...)
	for i := range len(records) / 5 {
		c := records[s.Dice.IntN(len(records))]
		if s.Dice.IntN(4) > 0 {
			c.Offset = int64(len(records) + i)
			c.ProducedAt = records[len(records)-1].ProducedAt.Add(time.Duration(i+1) * time.Millisecond)
			if moved := one(s.Dice, 0, time.Hour, -time.Hour, -40*24*time.Hour); c.Type != event.TypeAnswer {
				c.Time = c.Time.Add(moved)
			}
		}
		out = append(out, c)
	}
	return out
}

func (s Story) id(of string, n int) string { return s.Name + of + "-" + strconv.Itoa(n) }

func one[T any](d Dice, values ...T) T { return values[d.IntN(len(values))] }

// somewhen is in the years before the end, and now and then in 1948; many share a day.
func (s Story) somewhen() time.Time {
	if s.Dice.IntN(25) == 24 {
		return time.Date(1948, 1, 26, 22, 59, s.Dice.IntN(3), 0, time.UTC)
	}
	return s.Until.AddDate(0, 0, s.Dice.IntN(60)*13-900).Add(time.Duration(s.Dice.IntN(24*60)) * time.Minute)
}

// pause is often nothing, so that times tie, and sometimes months.
func (s Story) pause() time.Duration {
	switch s.Dice.IntN(6) {
	case 0, 1:
		return 0
	case 2:
		return time.Millisecond
	case 3:
		return time.Duration(s.Dice.IntN(100_000)) * time.Millisecond
	case 4:
		return time.Duration(s.Dice.IntN(600)) * time.Minute
	default:
		return time.Duration(s.Dice.IntN(90*24)) * time.Hour
	}
}

func (s Story) notLater(t time.Time) time.Time {
	if t.After(s.Until) {
		return s.Until
	}
	return t
}

// process is mostly one of the first two of the handbook, so that cases meet, or
// none of its own; now and then one that a metric is about, or any of the handbook.
func (s Story) process() string {
	n := min(2, len(s.Handbook.Processes))
	switch i := s.Dice.IntN(n + 4); {
	case i < n:
		return s.Handbook.Processes[i].Key
	case i == n || n == 0:
		return Foreign
	case i == n+1:
		return s.Handbook.Processes[s.Dice.IntN(len(s.Handbook.Processes))].Key
	default:
		return one(s.Dice, "emergency", "meeting", "archive", "supplies")
	}
}

func (s Story) task(process, caseID string, at time.Time) event.Event {
	stage, action := s.step(process)
	var due time.Time
	if s.Dice.IntN(4) == 3 {
		due = at.Add(time.Duration(s.Dice.IntN(200)-50) * time.Hour)
	}
	return event.Event{
		ID: s.eventID(), Source: "/story", Type: event.TypeTask, Time: at, Sequence: s.sequence(),
		Task: &event.Task{
			Process: process, CaseID: caseID, Stage: stage, Action: action,
			Department: one(s.Dice, "finance", "sales", "it's \\ odd", missing), DueAt: due, Attributes: s.attributes(process, at),
		},
	}
}

// step is often the one that ends a case.
func (s Story) step(process string) (stage string, action event.Action) {
	p, defined := s.Handbook.Process(process)
	stages := []string{"draft", "review", "sign_off"}
	for _, known := range p.Stages {
		stages = append(stages, known.Key)
	}
	stage, action = one(s.Dice, stages...), one(s.Dice, event.Actions()...)
	switch s.Dice.IntN(9) {
	case 5, 6, 7, 8:
		if steps := limitSteps(p); len(steps) > 0 {
			step := one(s.Dice, steps...)
			return step.Stage, event.Action(step.Action)
		}
		return stage, action
	case 0:
		if defined && p.Ends != (handbook.Step{}) {
			return p.Ends.Stage, event.Action(p.Ends.Action)
		}
		return stage, event.Close
	case 1:
		return stage, event.Close
	default:
		return stage, action
	}
}

// limitSteps are the steps between which a process's limits run, each once.
func limitSteps(p handbook.Process) []handbook.Step {
	var steps []handbook.Step
	for _, l := range p.Limits {
		if l.From != nil && !slices.Contains(steps, *l.From) {
			steps = append(steps, *l.From)
		}
		for _, step := range l.To {
			if !slices.Contains(steps, step) {
				steps = append(steps, step)
			}
		}
	}
	return steps
}

// attributes are often those that limits and metrics go by.
func (s Story) attributes(process string, at time.Time) map[string]string {
	attributes := map[string]string{}
	if class := one(s.Dice, "", "core", "non_core", missing); class != "" {
		attributes[event.AttributeClass] = class
	}
	if process == Foreign && s.Dice.IntN(6) == 5 {
		attributes[event.AttributeAssumeComplete] = "true"
	}
	p, _ := s.Handbook.Process(process)
	for _, l := range p.Limits {
		for _, name := range slices.Sorted(maps.Keys(l.Where)) {
			attributes[name] = one(s.Dice, l.Where[name], l.Where[name], "", "else")
		}
		if l.Planned != "" && s.Dice.IntN(2) == 0 {
			planned := at.Add(time.Duration(s.Dice.IntN(300)) * time.Minute)
			attributes[l.Planned] = one(s.Dice, planned.Format(time.RFC3339Nano), planned.In(time.FixedZone("", 8*3600)).Format(time.RFC3339), "soon", "")
		}
	}
	switch process {
	case "meeting":
		attributes["invited"] = one(s.Dice, "", "7", "12", "0", "many")
		attributes["missed"] = one(s.Dice, "", "", "", "2", "9", "-1")
	case "supplies":
		attributes["order"] = one(s.Dice, "ad_hoc", "planned", "")
	}
	return attributes
}

// eventID sorts otherwise than the events come.
func (s Story) eventID() string { return fmt.Sprintf("%s%02x", s.Name, s.Dice.IntN(256)) }

// sequence sorts as text: "10" comes before "2".
func (s Story) sequence() string { return one(s.Dice, "", "", "1", "10", "2") }

func (s Story) fault(id, process, caseID string, at time.Time) event.Event {
	f := &event.Fault{
		FaultID: id, Process: process, CaseID: one(s.Dice, caseID, ""), Stage: one(s.Dice, "", "draft", "review"),
		Kind: one(s.Dice, "late", "wrong", "missing", "notice_missed"), Severity: event.Minor,
		Status:     one(s.Dice, event.Confirmed, event.Corrected, event.Reported, event.Dismissed),
		Department: one(s.Dice, "finance", "sales", missing),
	}
	if s.Dice.IntN(4) == 3 {
		f.FoundAt = s.somewhen()
	}
	return event.Event{ID: s.eventID(), Source: "/story", Type: event.TypeFault, Time: at, Sequence: s.sequence(), Fault: f}
}

func (s Story) answer(id string, at time.Time) event.Event {
	questionnaires := []string{"unknown"}
	for _, q := range s.Handbook.Questionnaires {
		questionnaires = append(questionnaires, q.Key)
	}
	a := &event.Answer{
		AnswerID: id, Wave: "2026Q1", Questionnaire: one(s.Dice, questionnaires...),
		Department: one(s.Dice, "finance", "sales", "hr"), Answers: map[string]event.Value{"comment": event.Text("fine")},
	}
	known, _ := s.Handbook.Questionnaire(a.Questionnaire)
	items := []string{"nonsense"}
	for _, item := range known.Items {
		items = append(items, item.Key)
	}
	for _, item := range items {
		if s.Dice.IntN(3) > 0 {
			a.Answers[item] = event.Number(one(s.Dice, 1.0, 2, 3, 4, 5, 2.5, 6, -1, 77, 100.5))
		}
	}
	return event.Event{ID: s.eventID(), Source: "/story", Type: event.TypeAnswer, Time: at, Sequence: s.sequence(), Answer: a}
}
