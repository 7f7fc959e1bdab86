// Package change knows what a change of a process is and whether it worked: a
// recorded change and the weeks before and after it go in, a verdict comes out
// with its interval, what other methods say, and what the change is made of.
// Nothing here stores.
package change

import (
	"slices"
	"strings"
	"time"

	"example.com/officepulse/analytics/figure"
	"example.com/officepulse/analytics/record"
)

// Kind is the name of changes in the ledger.
const Kind = "change"

// State is what has become of a record of a change.
type State string

// The states.
const (
	Recorded  State = "recorded"
	Withdrawn State = "withdrawn" // it was no change after all; it is drawn and judged no more
)

// Change is one revision of a recorded change. It never changes: every deed
// returns the next revision.
type Change struct {
	record.Stamp

	Name        record.Text     `json:"name"` // short, as charts show it
	What        string          `json:"what"` // was done otherwise
	Why         string          `json:"why"`
	Process     string          `json:"process"`     // key; "": every process
	Departments []string        `json:"departments"` // keys; none: all
	From        string          `json:"from"`        // first day on which it held, 2006-01-02
	RampDays    int             `json:"ramp_days"`   // until it held everywhere: left out of the verdict
	Figures     []figure.Figure `json:"figures"`     // by which it is judged
	State       State           `json:"state"`
}

// Deeds, as the history names them.
const (
	Create   = "create"
	Edit     = "edit"
	Withdraw = "withdraw"
)

// Codes of refusals, besides those of package record and package figure.
const (
	NoWhat    record.Code = "what"
	BadFrom   record.Code = "from"
	BadRamp   record.Code = "ramp"
	NoFigures record.Code = "no_figures"
	Twice     record.Code = "twice"
)

// Bounds of a change.
const (
	MaxRamp    = 365
	MaxFigures = 10
)

// New makes the first revision from a draft.
func New(draft *Change, by record.By) (*Change, error) {
	next, err := tidy(draft)
	if err != nil {
		return nil, err
	}
	next.Stamp, next.State = record.Stamp{Key: draft.Key}, Recorded
	c := next.check(by)
	c.Key(next.Key)
	if err := c.Err(); err != nil {
		return nil, err
	}
	return next, record.Next(next, nil, Create, by)
}

// Edited returns the next revision with everything as in a draft but the key.
func (c *Change) Edited(draft *Change, by record.By) (*Change, error) {
	next, err := tidy(draft)
	if err != nil {
		return nil, err
	}
	next.Stamp, next.State = record.Stamp{Key: c.Key}, c.State
	check := next.check(by)
	check.That(c.State == Recorded, record.WrongState, "state", "the change is %s; only a recorded one can be changed", c.State)
	if err := check.Err(); err != nil {
		return nil, err
	}
	return next, record.Next(next, c, Edit, by)
}

// WithdrawnBy returns the next revision of a record that was a mistake.
func (c *Change) WithdrawnBy(by record.By) (*Change, error) {
	var check record.Check
	check.By(by, true)
	check.That(c.State == Recorded, record.WrongState, "state", "the change is %s already", c.State)
	if err := check.Err(); err != nil {
		return nil, err
	}
	next, err := record.Clone(c)
	if err != nil {
		return nil, err
	}
	next.State = Withdrawn
	return next, record.Next(next, c, Withdraw, by)
}

func tidy(draft *Change) (*Change, error) {
	c, err := record.Clone(draft)
	if err != nil {
		return nil, err
	}
	for _, text := range []*string{&c.Name.ZH, &c.Name.EN, &c.What, &c.Why, &c.From} {
		*text = strings.TrimSpace(*text)
	}
	if c.Departments == nil {
		c.Departments = []string{}
	}
	if c.Figures == nil {
		c.Figures = []figure.Figure{}
	}
	return c, nil
}

func (c *Change) check(by record.By) *record.Check {
	var check record.Check
	check.By(by, true)
	check.That(c.Name.ZH != "" || c.Name.EN != "", record.NoName, "name", "give the change a name")
	check.Text("name", c.Name.ZH, record.MaxName)
	check.Text("name", c.Name.EN, record.MaxName)
	check.That(c.What != "", NoWhat, "what", "say what was changed")
	check.Text("what", c.What, record.MaxText)
	check.Text("why", c.Why, record.MaxText)
	check.Text("process", c.Process, record.MaxName)
	_, err := time.Parse(time.DateOnly, c.From)
	check.That(err == nil && c.From >= "1950" && c.From < "2100", BadFrom, "from", "%.20q is no day; write it as 2026-03-02", c.From)
	check.That(c.RampDays >= 0 && c.RampDays <= MaxRamp, BadRamp, "ramp_days", "the ramp is 0 to %d days", MaxRamp)
	check.That(len(c.Figures) > 0 && len(c.Figures) <= MaxFigures, NoFigures, "figures", "choose 1 to %d figures by which the change is judged", MaxFigures)
	check.That(len(c.Departments) <= maxDepartments, record.TooLong, "departments", "at most %d departments; none stands for all", maxDepartments)
	for i, f := range c.Figures {
		check.Add(f.Check()...)
		check.That(!slices.Contains(c.Figures[:i], f), Twice, "figures", "a figure stands there twice")
	}
	return &check
}

const maxDepartments = 1000

// Day is the first instant of the first day on which the change held.
func (c *Change) Day(zone *time.Location) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, c.From, zone)
	if err != nil { // which New refuses
		return time.Time{}
	}
	return t
}

// Concerns reports whether a change belongs to a chart of a process and a
// department; "" stands for all of them, to which every change belongs.
func (c *Change) Concerns(process, department string) bool {
	return c.State == Recorded &&
		(c.Process == "" || process == "" || c.Process == process) &&
		(len(c.Departments) == 0 || department == "" || slices.Contains(c.Departments, department))
}
