package handbook

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"example.com/officepulse/analytics/calendar"
)

// Limit is a time limit that cases of a process have to keep. It runs from the
// first occurrence of From (the case's first event when From is nil) to the
// first occurrence of each step of To since then, the last of them counting
// (the case's completion when To is empty). Exactly one of Within, Before,
// DayOfMonth, EndOf and DueAt says when that has to be, see [Limit.Form].
type Limit struct {
	Key   string            `yaml:"key"`
	Name  Text              `yaml:"name"`
	Class string            `yaml:"class"` // only cases of this class; "": of every class
	Where map[string]string `yaml:"where"` // only cases whose attributes have these values
	From  *Step             `yaml:"from"`
	To    Steps             `yaml:"to"`

	Within     Duration `yaml:"within"`       // 24h, 2d: no later than this after From
	Before     Duration `yaml:"before"`       // 1h: no later than this ahead of the time in the attribute Planned
	Planned    string   `yaml:"planned"`      // attribute with an RFC 3339 time; with Before only
	DayOfMonth int      `yaml:"day_of_month"` // 5: by the end of this day of the month of From, 1 to 28
	EndOf      string   `yaml:"end_of"`       // day, week, month, quarter, year: by the end of the one that From lies in
	DueAt      string   `yaml:"due_at"`       // original, current: by the first or the last due date that the case's events carry

	Clock   calendar.Clock `yaml:"clock"`   // "": see [Limit.Runs]
	Removed bool           `yaml:"removed"` // in a later version: the limit no longer holds
}

// Form is how a limit says when something has to be done.
type Form string

// The forms, named as their keys.
const (
	FormWithin     Form = "within"
	FormBefore     Form = "before"
	FormDayOfMonth Form = "day_of_month"
	FormEndOf      Form = "end_of"
	FormDueAt      Form = "due_at"
)

var forms = []Form{FormWithin, FormBefore, FormDayOfMonth, FormEndOf, FormDueAt}

// Form is the limit's form.
func (l *Limit) Form() Form {
	switch {
	case l.Before > 0:
		return FormBefore
	case l.DayOfMonth > 0:
		return FormDayOfMonth
	case l.EndOf != "":
		return FormEndOf
	case l.DueAt != "":
		return FormDueAt
	default:
		return FormWithin
	}
}

// clocks are those that a form may run on; the first holds where none is given.
// FormWithin has to say: "2 days" is too often meant in either way.
var clocks = map[Form][]calendar.Clock{
	FormWithin:     {calendar.Elapsed, calendar.Working, calendar.RollForward},
	FormBefore:     {calendar.Elapsed},
	FormDayOfMonth: {calendar.RollForward, calendar.Elapsed},
	FormEndOf:      {calendar.RollForward, calendar.Elapsed},
	FormDueAt:      {calendar.Elapsed, calendar.RollForward},
}

// Runs is the clock on which the limit runs: its own, or what goes without
// saying. A day of the month and the end of a period roll forward to the next
// working day; a planned time and a due date hold as they are.
func (l *Limit) Runs() calendar.Clock {
	if l.Clock != "" {
		return l.Clock
	}
	return clocks[l.Form()][0]
}

// Months is how many months the period of end_of has: 1, 3 or 12; 0 for a day
// and a week.
func (l *Limit) Months() int {
	return map[string]int{"month": 1, "quarter": 3, "year": 12}[l.EndOf]
}

// periods are what end_of may name.
var periods = []string{"day", "week", "month", "quarter", "year"}

// dueDates are what due_at may name: that of the first event which carries one,
// so that an extension does not count, or of the last one.
var dueDates = []string{"original", "current"}

// Steps are one step or several, all of which have to be taken. In YAML one is
// written as it is, several as a list.
type Steps []Step

// UnmarshalYAML reads {stage: sign, action: sign} or a list of such.
func (s *Steps) UnmarshalYAML(n *yaml.Node) error {
	entries := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		entries = n.Content
	}
	var problems yaml.TypeError
	for _, entry := range entries {
		entry = resolve(entry)
		if entry.Kind != yaml.MappingNode {
			problems.Errors = append(problems.Errors, at(entry, "%q is no step; write {stage: sign, action: sign}", entry.Value))
			continue
		}
		for i := 0; i+1 < len(entry.Content); i += 2 {
			// The decoder does not watch for unknown keys below a reader of one's own.
			if key := entry.Content[i]; !slices.Contains(keysOf("Step"), key.Value) {
				problems.Errors = append(problems.Errors, at(key, "field %s not found in type handbook.Step", key.Value))
			}
		}
		var step Step
		if err := entry.Decode(&step); err != nil {
			problems.Errors = append(problems.Errors, faultsOf(err)...)
			continue
		}
		*s = append(*s, step)
	}
	if len(problems.Errors) > 0 {
		return &problems
	}
	return nil
}
