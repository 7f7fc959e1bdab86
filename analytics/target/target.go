// Package target knows what a target is and how it stands: a figure that has to
// come from a baseline to a goal by the end of a quarter. A target and a deed go
// in, the next revision or refusals come out; a target and the history of its
// figure go in, progress, light, pace, forecast and score come out. Nothing here
// stores.
package target

import (
	"math"
	"slices"
	"strings"
	"time"

	"example.com/officepulse/analytics/figure"
	"example.com/officepulse/analytics/quarters"
	"example.com/officepulse/analytics/record"
)

// Kind is the name of targets in the ledger.
const Kind = "target"

// Direction says which way is good.
type Direction string

// The directions.
const (
	Lower  Direction = "lower"
	Higher Direction = "higher"
)

// State is what has become of a target.
type State string

// The states. Only an active target can be changed, checked in on or scored.
const (
	Active    State = "active"
	Scored    State = "scored"    // its due quarter is over and the figure is frozen
	Carried   State = "carried"   // scored, and another target goes on with it
	Withdrawn State = "withdrawn" // given up, with a reason
)

// States lists every state.
func States() []State { return []State{Active, Scored, Carried, Withdrawn} }

// Target is one revision of a target. It never changes: every deed returns the
// next revision. Values are in the metric's unit: seconds, rates 0 to 1, points.
type Target struct {
	record.Stamp

	Name      record.Text      `json:"name"`
	Figure    figure.Figure    `json:"figure"`
	Direction Direction        `json:"direction"`
	Baseline  Baseline         `json:"baseline"`
	Goal      float64          `json:"goal"`
	Stretch   *float64         `json:"stretch,omitempty"` // beyond the goal
	Start     quarters.Quarter `json:"start"`             // the first in which something is done for it
	Due       quarters.Quarter `json:"due"`               // whose figure has to reach the goal
	Owner     string           `json:"owner"`
	State     State            `json:"state"`
	CheckIns  []CheckIn        `json:"check_ins"` // the newest last
	Score     *Score           `json:"score,omitempty"`

	CarriedFrom string `json:"carried_from,omitempty"` // key of the target that this one goes on with
	CarriedTo   string `json:"carried_to,omitempty"`
}

// Baseline is where a target begins: the figure of a period, or typed in with a reason.
type Baseline struct {
	Value  float64 `json:"value"`
	From   string  `json:"from,omitempty"` // first day, 2006-01-02; "": typed in
	To     string  `json:"to,omitempty"`   // the day after the last
	N      uint64  `json:"n,omitempty"`    // what the figure rests on
	Reason string  `json:"reason,omitempty"`
}

// Confidence is how sure the owner is that the goal will be reached.
type Confidence string

// The confidences.
const (
	Sure     Confidence = "sure"
	Unsure   Confidence = "unsure"
	Doubtful Confidence = "doubtful"
)

// Confidences lists them, the best first.
func Confidences() []Confidence { return []Confidence{Sure, Unsure, Doubtful} }

// CheckIn is what somebody says about how it goes.
type CheckIn struct {
	At         time.Time  `json:"at"`
	By         string     `json:"by"`
	Comment    string     `json:"comment"`
	Confidence Confidence `json:"confidence"`
}

// Score is how a target ended.
type Score struct {
	Value    float64 `json:"value"`    // of the due quarter, frozen
	N        uint64  `json:"n"`        // what it rests on
	Score    float64 `json:"score"`    // 0 to 1: the progress, cut at both ends
	Progress float64 `json:"progress"` // 1 at the goal
	Outcome  Outcome `json:"outcome"`
}

// Outcome is a score in a word.
type Outcome string

// The outcomes.
const (
	BeyondStretch Outcome = "stretch" // the stretch goal is reached too
	Reached       Outcome = "reached"
	Partly        Outcome = "partly" // more than half of the way
	Missed        Outcome = "missed"
)

// Deeds, as the history names them.
const (
	Create   = "create"
	Edit     = "edit"
	CheckedI = "check_in"
	ScoreIt  = "score"
	CarryOn  = "carry_over"
	Withdraw = "withdraw"
)

// Deeds lists every deed.
func Deeds() []string { return []string{Create, Edit, CheckedI, ScoreIt, CarryOn, Withdraw} }

// Codes of refusals, besides those of package record and package figure.
const (
	BadDirection  record.Code = "direction"
	BadBaseline   record.Code = "baseline"
	NoBaseReason  record.Code = "baseline_reason"
	BadGoal       record.Code = "goal"
	WrongGoal     record.Code = "goal_direction"
	BadStretch    record.Code = "stretch"
	BadQuarters   record.Code = "quarters"
	NoOwner       record.Code = "owner"
	NoComment     record.Code = "comment"
	BadConfidence record.Code = "confidence"
	NotDue        record.Code = "not_due" // the due quarter is not over
	NoFigure      record.Code = "no_figure"
)

// maxQuarters is how long a target may run.
const maxQuarters = 20

// New makes the first revision from a draft.
func New(draft *Target, by record.By) (*Target, error) {
	t, err := tidy(draft)
	if err != nil {
		return nil, err
	}
	t.Stamp = record.Stamp{Key: draft.Key}
	t.State, t.CheckIns, t.Score, t.CarriedFrom, t.CarriedTo = Active, []CheckIn{}, nil, "", ""
	c := t.check(by)
	c.Key(t.Key)
	if err := c.Err(); err != nil {
		return nil, err
	}
	return t, record.Next(t, nil, Create, by)
}

// Edited returns the next revision with everything as in a draft but the key,
// the state, the check-ins and where it comes from.
func (t *Target) Edited(draft *Target, by record.By) (*Target, error) {
	next, err := tidy(draft)
	if err != nil {
		return nil, err
	}
	next.Stamp = record.Stamp{Key: t.Key}
	next.State, next.CheckIns, next.Score, next.CarriedFrom, next.CarriedTo = t.State, slices.Clone(t.CheckIns), t.Score, t.CarriedFrom, t.CarriedTo
	c := next.check(by)
	c.That(t.State == Active, record.WrongState, "state", "the target is %s; only an active one can be changed", t.State)
	if err := c.Err(); err != nil {
		return nil, err
	}
	return next, record.Next(next, t, Edit, by)
}

// CheckedIn returns the next revision with a check-in by who acts.
func (t *Target) CheckedIn(comment string, confidence Confidence, by record.By) (*Target, error) {
	var c record.Check
	comment = strings.TrimSpace(comment)
	c.By(by, false)
	c.That(t.State == Active, record.WrongState, "state", "the target is %s; check-ins are for active ones", t.State)
	c.That(comment != "", NoComment, "comment", "say in a sentence how it goes")
	c.Text("comment", comment, record.MaxText)
	c.That(slices.Contains(Confidences(), confidence), BadConfidence, "confidence", "the confidence is one of %v", Confidences())
	return t.next(&c, CheckedI, by, func(next *Target) {
		next.CheckIns = append(next.CheckIns, CheckIn{At: by.At.UTC().Truncate(time.Millisecond), By: strings.TrimSpace(by.Author), Comment: comment, Confidence: confidence})
	})
}

// ScoredBy returns the next revision with the figure of the due quarter frozen.
// over says that the quarter is; due is nil when it has no figure.
func (t *Target) ScoredBy(due *Observation, over bool, by record.By) (*Target, error) {
	var c record.Check
	c.By(by, false)
	c.That(t.State == Active, record.WrongState, "state", "the target is %s; only an active one is scored", t.State)
	c.That(over, NotDue, "due", "the quarter %s is not over yet; it is scored when it is", t.Due)
	c.That(due != nil && due.N > 0, NoFigure, "figure", "the quarter %s has no figure; wait for its data, or withdraw the target with a reason", t.Due)
	return t.next(&c, ScoreIt, by, func(next *Target) {
		next.State, next.Score = Scored, new(t.score(due.Value, due.N))
	})
}

// CarriedOver returns the next revision of a target that was scored and missed,
// and the first of another that goes on with it until due: with the same goal, from
// where this one ended. It needs a reason.
func (t *Target) CarriedOver(key string, due quarters.Quarter, by record.By) (old, next *Target, err error) {
	var c record.Check
	c.By(by, true)
	c.Key(key)
	c.That(t.State == Scored && t.Score != nil && (t.Score.Outcome == Missed || t.Score.Outcome == Partly), record.WrongState, "state",
		"only a target that was scored and has not reached its goal is carried over")
	c.That(due.Minus(t.Due) > 0, BadQuarters, "due", "the new due quarter comes after %s", t.Due)
	if err := c.Err(); err != nil {
		return nil, nil, err
	}
	if next, err = record.Clone(t); err != nil {
		return nil, nil, err
	}
	next.Key, next.Start, next.Due = key, t.Due.Add(1), due
	next.Baseline = Baseline{Value: t.Score.Value, N: t.Score.N, Reason: "the figure of " + t.Due.String() + " with which " + t.Key + " ended"}
	if next, err = New(next, by); err != nil {
		return nil, nil, err
	}
	next.CarriedFrom = t.Key
	old, err = t.next(&record.Check{}, CarryOn, by, func(o *Target) { o.State, o.CarriedTo = Carried, key })
	return old, next, err
}

// WithdrawnBy returns the next revision of a target that is given up, with a reason.
func (t *Target) WithdrawnBy(by record.By) (*Target, error) {
	var c record.Check
	c.By(by, true)
	c.That(t.State == Active, record.WrongState, "state", "the target is %s; only an active one can be withdrawn", t.State)
	return t.next(&c, Withdraw, by, func(next *Target) { next.State = Withdrawn })
}

func (t *Target) next(c *record.Check, deed string, by record.By, change func(*Target)) (*Target, error) {
	if err := c.Err(); err != nil {
		return nil, err
	}
	next, err := record.Clone(t)
	if err != nil {
		return nil, err
	}
	change(next)
	return next, record.Next(next, t, deed, by)
}

// tidy is a copy of a draft without needless spaces.
func tidy(draft *Target) (*Target, error) {
	if !draft.finite() { // which JSON cannot say
		return nil, record.Refuse(BadGoal, "goal", "baseline, goal and stretch goal are numbers")
	}
	t, err := record.Clone(draft)
	if err != nil {
		return nil, err
	}
	for _, text := range []*string{&t.Name.ZH, &t.Name.EN, &t.Owner, &t.Baseline.Reason} {
		*text = strings.TrimSpace(*text)
	}
	return t, nil
}

func (t *Target) finite() bool {
	for _, v := range []float64{t.Baseline.Value, t.Goal, t.stretch()} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

func (t *Target) stretch() float64 {
	if t.Stretch == nil {
		return t.Goal
	}
	return *t.Stretch
}

func (t *Target) check(by record.By) *record.Check {
	var c record.Check
	c.By(by, true)
	c.That(t.Name.ZH != "" || t.Name.EN != "", record.NoName, "name", "give the target a name")
	c.Text("name", t.Name.ZH, record.MaxName)
	c.Text("name", t.Name.EN, record.MaxName)
	c.Add(t.Figure.Check()...)
	c.That(t.Owner != "", NoOwner, "owner", "name who answers for it")
	c.Text("owner", t.Owner, record.MaxName)
	c.Text("baseline", t.Baseline.Reason, record.MaxText)
	c.That(t.Baseline.From != "" || t.Baseline.Reason != "", NoBaseReason, "baseline", "a baseline that is typed in needs a reason; or take it from a period")
	c.That(t.Direction == Lower || t.Direction == Higher, BadDirection, "direction", "the direction is lower or higher")
	most := t.most()
	c.That(t.Baseline.Value >= 0 && t.Baseline.Value <= most, BadBaseline, "baseline", "the baseline lies between 0 and %g", most)
	c.That(t.Goal >= 0 && t.Goal <= most, BadGoal, "goal", "the goal lies between 0 and %g", most)
	c.That(t.ahead(t.Goal, t.Baseline.Value), WrongGoal, "goal", "the goal has to be %s than the baseline", t.Direction)
	if t.Stretch != nil {
		c.That(*t.Stretch >= 0 && *t.Stretch <= most && t.ahead(*t.Stretch, t.Goal), BadStretch, "stretch", "the stretch goal has to be beyond the goal")
	}
	c.That(t.Start != quarters.Quarter{} && t.Due.Minus(t.Start) >= 0 && t.Due.Minus(t.Start) < maxQuarters, BadQuarters, "due",
		"name the quarter in which it starts and the one in which it is due, not earlier, and at most %d quarters in all", maxQuarters)
	return &c
}

// most is the largest that values of the figure can be; the least is 0.
func (t *Target) most() float64 {
	switch t.Figure.Unit() {
	case "rate":
		return 1
	case "points":
		return 100
	default:
		return 1e12
	}
}

// ahead reports whether a lies on the good side of b.
func (t *Target) ahead(a, b float64) bool {
	if t.Direction == Lower {
		return a < b
	}
	return a > b
}

// Progress is how much of the way a value has come: 0 at the baseline, 1 at the goal.
func (t *Target) Progress(value float64) float64 {
	return (t.Baseline.Value - value) / (t.Baseline.Value - t.Goal)
}

func (t *Target) score(value float64, n uint64) Score {
	p := t.Progress(value)
	s := Score{Value: value, N: n, Progress: p, Score: min(1, max(0, p))}
	switch {
	case t.Stretch != nil && !t.ahead(*t.Stretch, value):
		s.Outcome = BeyondStretch
	case p >= 1:
		s.Outcome = Reached
	case p > 0.5:
		s.Outcome = Partly
	default:
		s.Outcome = Missed
	}
	return s
}
