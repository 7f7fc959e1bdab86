package questionnaire

import (
	"slices"
)

// Condition says when a question is asked. Exactly one of All, Any and Question
// is set. It looks at questions that come before only, so that a form can be
// filled in from top to bottom; a question that is not asked has no answer.
type Condition struct {
	All []Condition `json:"all,omitempty"` // every one holds
	Any []Condition `json:"any,omitempty"` // at least one holds

	Question string   `json:"question,omitempty"` // key, of a matrix with its row
	Is       []string `json:"is,omitempty"`       // one of these options was chosen
	AtLeast  *float64 `json:"at_least,omitempty"` // the number is no smaller
	AtMost   *float64 `json:"at_most,omitempty"`  // the number is no larger
	Answered *bool    `json:"answered,omitempty"` // there is an answer, or there is none
}

// Holds reports whether the condition holds for answers.
func (c *Condition) Holds(a Answers) bool {
	switch {
	case c == nil:
		return true
	case len(c.All) > 0:
		return !slices.ContainsFunc(c.All, func(one Condition) bool { return !one.Holds(a) })
	case len(c.Any) > 0:
		return slices.ContainsFunc(c.Any, func(one Condition) bool { return one.Holds(a) })
	}
	value, answered := a[c.Question]
	if c.Answered != nil {
		return answered == *c.Answered
	}
	if !answered {
		return false
	}
	if number, ok := value.Number(); ok {
		return (c.AtLeast == nil || number >= *c.AtLeast) && (c.AtMost == nil || number <= *c.AtMost)
	}
	chosen, ok := value.Choices()
	if text, one := value.Text(); !ok && one {
		chosen = []string{text}
	}
	return slices.ContainsFunc(chosen, func(key string) bool { return slices.Contains(c.Is, key) })
}

// Visible lists the questions that are asked, given the answers so far, in
// order: a hidden question's answer counts for no later condition.
func (q *Questionnaire) Visible(a Answers) []*Question {
	var visible []*Question
	seen := make(Answers, len(a))
	for i := range q.Questions {
		one := &q.Questions[i]
		if !one.VisibleIf.Holds(seen) {
			continue
		}
		visible = append(visible, one)
		for _, key := range one.keys() {
			if value, ok := a[key]; ok {
				seen[key] = value
			}
		}
	}
	return visible
}

// Fields are the names of the form's fields that ask a question: its key, of a
// matrix one a row, of a ranking one an option.
func (q *Question) Fields() []string {
	if q.Type != Ranking {
		return q.keys()
	}
	names := make([]string, len(q.Options))
	for i, o := range q.Options {
		names[i] = RankField(q.Key, o.Key)
	}
	return names
}

// keys are those under which a question is answered.
func (q *Question) keys() []string {
	if q.Type != Matrix {
		return []string{q.Key}
	}
	keys := make([]string, len(q.Rows))
	for i, row := range q.Rows {
		keys[i] = RowKey(q.Key, row.Key)
	}
	return keys
}
