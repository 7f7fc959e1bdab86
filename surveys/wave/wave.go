// Package wave knows what a survey wave is and which way it goes: a questionnaire
// version that is asked of some departments once, most often once a quarter. A
// wave and a deed go in, the wave as it is then or a refusal comes out. Nothing
// here stores or sends.
package wave

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"example.com/officepulse/surveys/questionnaire"
)

// State is how far a wave has come. It only ever moves forward.
type State string

// The states.
const (
	Draft     State = "draft"     // everything may be changed
	Open      State = "open"      // asked and answered; of what was answered nothing is shown
	Closed    State = "closed"    // takes no answers; results are shown to who runs the survey
	Published State = "published" // results and what comes of them are told to everybody
)

// States lists every state in the order in which a wave passes them.
func States() []State { return []State{Draft, Open, Closed, Published} }

// Wave is one revision of a wave. It never changes: every deed returns the next
// revision, and all of them are kept.
type Wave struct {
	Key           string             `json:"key"`      // as in answer events, e.g. 2026Q3; for ever
	Revision      uint64             `json:"revision"` // from 1
	State         State              `json:"state"`
	Quarter       Quarter            `json:"quarter"` // that it asks about
	Title         questionnaire.Text `json:"title"`
	Questionnaire Version            `json:"questionnaire"`
	Opens         time.Time          `json:"opens"`  // answers are taken from then on
	Closes        time.Time          `json:"closes"` // and no more from then on
	// ClosedAt is when the wave was really closed, which may be earlier.
	ClosedAt time.Time `json:"closed_at,omitzero"`
	// Departments are those asked, frozen with their names and headcounts when the
	// wave is opened: what they are called or how large they are later changes no result.
	Departments []Department `json:"departments"`
	// Anonymous waves know of an answer the department and the day only. In a named
	// one a person may answer again, and the last answer counts.
	Anonymous bool      `json:"anonymous"`
	Reminders Reminders `json:"reminders"`
	// Outcome is what comes of the answers, as the director tells those who gave
	// them; set when the wave is published.
	Outcome questionnaire.Text `json:"outcome,omitzero"`
	Change  Change             `json:"change"` // that led to this revision
}

// Version names a version of a questionnaire.
type Version struct {
	Key    string `json:"key"`
	Number int    `json:"version"`
}

// ID is the version's name in answer events, see [questionnaire.Questionnaire.ID].
func (v Version) ID() string { return fmt.Sprintf("%s.v%d", v.Key, v.Number) }

// VersionOf names a questionnaire.
func VersionOf(q *questionnaire.Questionnaire) Version { return Version{q.Key, q.Version} }

// Department is one that is asked.
type Department struct {
	Key  string             `json:"key"` // as in the handbook and in events
	Name questionnaire.Text `json:"name"`
	// Headcount is how many people it has; it weighs the overall score.
	Headcount int `json:"headcount"`
	// Expected is how many are asked to answer, the whole of the response rate; in a
	// draft 0 stands for everybody.
	Expected int `json:"expected"`
}

// Reminders say when those who have not answered hear of it again.
type Reminders struct {
	DaysBefore []int `json:"days_before"` // the closing day, the earliest first, e.g. 7, 2; empty: never
	AtMost     int   `json:"at_most"`     // messages to one person in this wave, the invitation not counted
}

// Change says who made a revision, when, what was done and why.
type Change struct {
	Deed   Deed      `json:"deed"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
	What   []string  `json:"what,omitempty"` // names of the parts that differ, as in JSON
}

// Deed is what can be done with a wave.
type Deed string

// The deeds.
const (
	Create  Deed = "create"
	Edit    Deed = "edit" // of a draft
	Launch  Deed = "open"
	Extend  Deed = "extend" // or shorten: another closing time of an open wave
	Close   Deed = "close"
	Publish Deed = "publish"
	Correct Deed = "correct" // what is told of a published wave
)

// Department returns one that is asked and whether it is.
func (w *Wave) Department(key string) (Department, bool) {
	i := slices.IndexFunc(w.Departments, func(d Department) bool { return d.Key == key })
	if i < 0 {
		return Department{}, false
	}
	return w.Departments[i], true
}

// Expected is how many people are asked.
func (w *Wave) Expected() int {
	n := 0
	for _, d := range w.Departments {
		n += d.Expected
	}
	return n
}

// Headcount is how many people the departments have.
func (w *Wave) Headcount() int {
	n := 0
	for _, d := range w.Departments {
		n += d.Headcount
	}
	return n
}

// Phase is what somebody with a link finds.
type Phase string

// The phases.
const (
	Early  Phase = "early"  // not open yet
	Taking Phase = "taking" // answers are taken
	Over   Phase = "over"
)

// Phase says what somebody with a link finds at an instant. A wave whose time is
// over takes no answers even while nobody has closed it.
func (w *Wave) Phase(now time.Time) Phase {
	switch {
	case w.State == Draft, w.State == Open && now.Before(w.Opens):
		return Early
	case w.State == Open && now.Before(w.Closes):
		return Taking
	default:
		return Over
	}
}

// Ended is when the wave took, or will take, its last answer.
func (w *Wave) Ended() time.Time {
	if w.ClosedAt.IsZero() {
		return w.Closes
	}
	return w.ClosedAt
}

// Answered reports whether contents of answers may be shown to anybody: not
// before the wave is closed, and closing cannot be taken back.
func (w *Wave) Answered() bool { return w.State == Closed || w.State == Published }

// Overdue reports whether the wave is open and its time is over: it has to be closed.
func (w *Wave) Overdue(now time.Time) bool { return w.State == Open && !now.Before(w.Closes) }

// Document is the wave as JSON, the form in which it is kept.
func (w *Wave) Document() ([]byte, error) {
	text, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("write wave %s: %w", w.Key, err)
	}
	return text, nil
}

// ReadDocument reads what [Wave.Document] wrote.
func ReadDocument(text []byte) (*Wave, error) {
	var w Wave
	if err := json.Unmarshal(text, &w); err != nil {
		return nil, fmt.Errorf("read a wave: %w", err)
	}
	if !slices.Contains(States(), w.State) || w.Key == "" || w.Revision == 0 {
		return nil, fmt.Errorf("read a wave: %q in state %q, revision %d, is none", w.Key, w.State, w.Revision)
	}
	return &w, nil
}

// clone returns a copy that shares nothing with w.
func (w *Wave) clone() *Wave {
	c := *w
	c.Departments = slices.Clone(w.Departments)
	c.Reminders.DaysBefore = slices.Clone(w.Reminders.DaysBefore)
	c.Change.What = nil
	return &c
}
