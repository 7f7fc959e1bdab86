// Package event is the vocabulary of OfficePulse: what can happen in an office,
// as plain values. It knows how an event looks on the wire (CloudEvents 1.0
// JSON) and which events make sense; it knows nothing of Kafka or ClickHouse.
package event

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Type is the CloudEvents type of an event. It names the kind of payload and
// its version, and is the name of the Kafka topic that carries it.
type Type string

// The three types of event, which are also the three topics.
const (
	TypeTask   Type = "officepulse.task.v1"
	TypeFault  Type = "officepulse.fault.v1"
	TypeAnswer Type = "officepulse.answer.v1"
)

// Types lists every type, in the order in which they are documented.
func Types() []Type { return []Type{TypeTask, TypeFault, TypeAnswer} }

// Limits on what an event may carry. They keep a row readable on a page and a
// batch inside one Kafka message set.
const (
	MaxBytes      = 256 << 10 // of one encoded event
	MaxName       = 256       // bytes of an id, a key or a name
	MaxAttributes = 64        // entries of Task.Attributes
	MaxText       = 8 << 10   // bytes of an attribute or a free-text answer
	MaxAnswers    = 500       // questions in one answer
	MaxAhead      = 24 * time.Hour
)

// Earliest is the first instant an event may carry: ClickHouse's DateTime64
// begins in 1900, and no office's log is older.
var Earliest = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)

// Latest is the last: beyond, nanoseconds since 1970 leave 64 bits, and the
// database's driver counts in those.
var Latest = time.Date(2261, 12, 31, 23, 59, 59, 0, time.UTC)

// AttributeClass and AttributeAssumeComplete are the attributes of a task that
// OfficePulse itself reads; they get columns of their own.
const (
	AttributeClass          = "class"           // "core", "non_core", …
	AttributeAssumeComplete = "assume_complete" // "true": the case has ended with its last event
)

// MissingDepartment stands for a department that the source does not know.
const MissingDepartment = "(missing)"

// Event is something that happened, once, at one instant. Exactly one of Task,
// Fault and Answer is set, the one that Type names.
type Event struct {
	ID       string    // unique for ever, chosen by the producer
	Source   string    // names the producer, a URI reference
	Type     Type      //
	Time     time.Time // when it happened; UTC, millisecond resolution
	Sequence string    // CloudEvents extension: orders events of one case at the same millisecond, compared as text; may be empty

	Task   *Task
	Fault  *Fault
	Answer *Answer
}

// Task is a step in a case's way through a process.
type Task struct {
	Process         string            `json:"process"`
	CaseID          string            `json:"case_id"`
	Stage           string            `json:"stage"`
	Action          Action            `json:"action"`
	Department      string            `json:"department"` // of the case
	Actor           string            `json:"actor,omitempty"`
	ActorDepartment string            `json:"actor_department,omitempty"`
	DueAt           time.Time         `json:"due_at,omitzero"`
	Attributes      map[string]string `json:"attributes,omitempty"`
}

// Fault is one report about an error or omission (错漏); the reports of one
// fault share its FaultID and tell its way from reported to corrected.
type Fault struct {
	FaultID    string    `json:"fault_id"`
	Process    string    `json:"process"`
	CaseID     string    `json:"case_id,omitempty"`
	Stage      string    `json:"stage,omitempty"`
	Kind       string    `json:"kind"`
	Severity   Severity  `json:"severity"`
	Status     Status    `json:"status"`
	Department string    `json:"department"` // responsible for it
	ReportedBy string    `json:"reported_by,omitempty"`
	FoundAt    time.Time `json:"found_at,omitzero"`
}

// Answer is one filled-in questionnaire.
type Answer struct {
	AnswerID      string           `json:"answer_id"`
	Wave          string           `json:"wave"`
	Questionnaire string           `json:"questionnaire"`
	Department    string           `json:"department"`
	Answers       map[string]Value `json:"answers"` // question key -> value
}

// Action is what was done in a stage.
type Action string

// The actions of a task.
const (
	Submit   Action = "submit"
	Start    Action = "start"
	Complete Action = "complete"
	Approve  Action = "approve"
	Return   Action = "return"
	Reject   Action = "reject"
	Sign     Action = "sign"
	Archive  Action = "archive"
	Notify   Action = "notify"
	Check    Action = "check"
	Remind   Action = "remind"
	Transfer Action = "transfer"
	Withdraw Action = "withdraw"
	Comment  Action = "comment"
	Reopen   Action = "reopen"
	Close    Action = "close"
)

// Actions lists every action; the order is that of the warehouse's enum.
func Actions() []Action {
	return []Action{
		Submit, Start, Complete, Approve, Return, Reject, Sign, Archive, Notify,
		Check, Remind, Transfer, Withdraw, Comment, Reopen, Close,
	}
}

// Severity is how bad a fault is.
type Severity string

// The severities of a fault.
const (
	Minor    Severity = "minor"
	Major    Severity = "major"
	Critical Severity = "critical"
)

// Severities lists every severity, the mildest first.
func Severities() []Severity { return []Severity{Minor, Major, Critical} }

// Status is how far a fault's handling has come.
type Status string

// The statuses of a fault. Only confirmed and corrected faults count.
const (
	Reported  Status = "reported"
	Confirmed Status = "confirmed"
	Dismissed Status = "dismissed"
	Corrected Status = "corrected"
)

// Statuses lists every status in the order in which a fault passes them.
func Statuses() []Status { return []Status{Reported, Confirmed, Dismissed, Corrected} }

// Key is the Kafka key: events with the same key keep their order. It is the
// case of a task or fault (the fault itself when it belongs to no case) and the
// answer's own id.
func (e *Event) Key() string {
	switch {
	case e.Task != nil:
		return e.Task.CaseID
	case e.Fault != nil && e.Fault.CaseID != "":
		return e.Fault.CaseID
	case e.Fault != nil:
		return e.Fault.FaultID
	case e.Answer != nil:
		return e.Answer.AnswerID
	}
	return e.ID
}

// Validate reports everything that makes e no event, as an [*InvalidError]; nil when
// there is nothing. now bounds how far ahead an event's time may lie.
func (e *Event) Validate(now time.Time) error {
	var c checker
	c.name("/id", e.ID)
	c.name("/source", e.Source)
	c.optional("/sequence", e.Sequence)
	c.instant("/time", e.Time, now)
	switch {
	case e.Type == TypeTask && e.Task != nil:
		e.Task.check(&c)
	case e.Type == TypeFault && e.Fault != nil:
		e.Fault.check(&c, now)
	case e.Type == TypeAnswer && e.Answer != nil:
		e.Answer.check(&c)
	default:
		c.add("/type", fmt.Sprintf("%q is no type of event here; use %s", e.Type, oneOf(Types())))
	}
	return c.err()
}

func (t *Task) check(c *checker) {
	c.name("/data/process", t.Process)
	c.name("/data/case_id", t.CaseID)
	c.name("/data/stage", t.Stage)
	enum(c, "/data/action", t.Action, Actions())
	c.name("/data/department", t.Department)
	c.optional("/data/actor", t.Actor)
	c.optional("/data/actor_department", t.ActorDepartment)
	if !t.DueAt.IsZero() {
		c.within("/data/due_at", t.DueAt)
	}
	if n := len(t.Attributes); n > MaxAttributes {
		c.add("/data/attributes", fmt.Sprintf("has %d entries, at most %d are allowed", n, MaxAttributes))
	}
	for k, v := range t.Attributes {
		c.name("/data/attributes", k)
		if n := len(v); n > MaxText {
			c.add("/data/attributes/"+k, fmt.Sprintf("has %d bytes, at most %d are allowed", n, MaxText))
		}
	}
}

func (f *Fault) check(c *checker, now time.Time) {
	c.name("/data/fault_id", f.FaultID)
	c.name("/data/process", f.Process)
	c.optional("/data/case_id", f.CaseID)
	c.optional("/data/stage", f.Stage)
	c.name("/data/kind", f.Kind)
	enum(c, "/data/severity", f.Severity, Severities())
	enum(c, "/data/status", f.Status, Statuses())
	c.name("/data/department", f.Department)
	c.optional("/data/reported_by", f.ReportedBy)
	if !f.FoundAt.IsZero() {
		c.instant("/data/found_at", f.FoundAt, now)
	}
}

func (a *Answer) check(c *checker) {
	c.name("/data/answer_id", a.AnswerID)
	c.name("/data/wave", a.Wave)
	c.name("/data/questionnaire", a.Questionnaire)
	c.name("/data/department", a.Department)
	switch n := len(a.Answers); {
	case n == 0:
		c.add("/data/answers", "is missing or empty; give at least one question key with its value")
	case n > MaxAnswers:
		c.add("/data/answers", fmt.Sprintf("has %d entries, at most %d are allowed", n, MaxAnswers))
	}
	for k, v := range a.Answers {
		c.name("/data/answers", k)
		if n := v.size(); n > MaxText {
			c.add("/data/answers/"+k, fmt.Sprintf("has %d bytes, at most %d are allowed", n, MaxText))
		}
	}
}

const timeMissing = "is missing; give an RFC 3339 time such as 2026-09-30T17:00:00+08:00"

// checker gathers what is wrong with an event, each with its JSON pointer.
type checker struct{ problems []Problem }

func (c *checker) add(pointer, detail string) {
	c.problems = append(c.problems, Problem{Pointer: pointer, Detail: detail})
}

// gather takes over the problems of an error.
func (c *checker) gather(pointer string, err error) {
	if invalid, ok := errors.AsType[*InvalidError](err); ok {
		c.problems = append(c.problems, invalid.Problems...)
	} else if err != nil {
		c.add(pointer, err.Error())
	}
}

func (c *checker) err() error {
	if len(c.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(c.problems, func(a, b Problem) int { return strings.Compare(a.Pointer, b.Pointer) }) // maps have no order
	return &InvalidError{Problems: c.problems}
}

func (c *checker) name(pointer, s string) {
	if s == "" {
		c.add(pointer, "is missing or empty")
		return
	}
	c.optional(pointer, s)
}

func (c *checker) optional(pointer, s string) {
	switch {
	case len(s) > MaxName:
		c.add(pointer, fmt.Sprintf("has %d bytes, at most %d are allowed", len(s), MaxName))
	case plain(s):
	case !utf8.ValidString(s):
		c.add(pointer, "is not valid UTF-8")
	case strings.ContainsFunc(s, unicode.IsControl):
		c.add(pointer, "contains a control character")
	}
}

// plain reports whether s is printable ASCII, which most names are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func (c *checker) instant(pointer string, t, now time.Time) {
	if t.IsZero() {
		c.add(pointer, timeMissing)
		return
	}
	if t.After(now.Add(MaxAhead)) {
		c.add(pointer, t.Format(time.RFC3339)+" lies more than a day in the future; check the clock and time zone of the source")
		return
	}
	c.within(pointer, t)
}

func (c *checker) within(pointer string, t time.Time) {
	if t.Before(Earliest) || t.After(Latest) {
		c.add(pointer, t.Format(time.RFC3339)+" lies outside the years 1900 to 2261")
	}
}

func enum[T ~string](c *checker, pointer string, v T, allowed []T) {
	switch {
	case v == "":
		c.add(pointer, "is missing; use "+oneOf(allowed))
	case !slices.Contains(allowed, v):
		c.add(pointer, fmt.Sprintf("%q is not allowed; use %s", v, oneOf(allowed)))
	}
}

func oneOf[T ~string](values []T) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = string(v)
	}
	return "one of " + strings.Join(words, ", ")
}
