package questionnaire

import (
	"fmt"
	"reflect"
	"slices"
)

// Effect is what a change does to the trend of a question.
type Effect string

// The effects.
const (
	Added      Effect = "added"      // a trend begins
	Removed    Effect = "removed"    // a trend ends
	OtherScale Effect = "scale"      // the values mean something else: it needs a new key
	OtherWorth Effect = "worth"      // the values mean the same and count differently from now on
	OtherWords Effect = "words"      // the author has to say whether it still means the same
	OtherPath  Effect = "visibility" // others than before are asked
)

// Change is how a question of a version differs from the version before.
type Change struct {
	Question string `json:"question"` // key
	Effect   Effect `json:"effect"`
}

// Breaks reports whether a trend across the two versions would join what cannot
// be compared. Then the question needs a new key.
func (c Change) Breaks() bool { return c.Effect == OtherScale }

// Changes tells what is different since the version before, in the order of this
// version's questions, those that are gone at the end.
func (q *Questionnaire) Changes(before *Questionnaire) []Change {
	var changes []Change
	for i := range q.Questions {
		now := &q.Questions[i]
		was, ok := before.Question(now.Key)
		if !ok {
			changes = append(changes, Change{now.Key, Added})
			continue
		}
		changes = append(changes, now.changes(was)...)
	}
	for i := range before.Questions {
		if _, ok := q.Question(before.Questions[i].Key); !ok {
			changes = append(changes, Change{before.Questions[i].Key, Removed})
		}
	}
	return changes
}

func (q *Question) changes(was *Question) []Change {
	var changes []Change
	add := func(differs bool, e Effect) {
		if differs {
			changes = append(changes, Change{q.Key, e})
		}
	}
	add(q.Type != was.Type || !slices.Equal(q.values(), was.values()), OtherScale)
	add(q.Weight != was.Weight || !slices.Equal(q.worth(), was.worth()), OtherWorth)
	add(!reflect.DeepEqual(q.words(), was.words()), OtherWords)
	add(!reflect.DeepEqual(q.VisibleIf, was.VisibleIf), OtherPath)
	return changes
}

// values are what an answer may be. Options may come and go where each is
// counted by itself; the levels of a scale and the rows of a matrix may not.
func (q *Question) values() []string {
	var values []string
	for _, s := range q.Levels {
		values = append(values, fmt.Sprintf("%03d", s.Value))
	}
	slices.Sort(values)
	for _, r := range q.Rows {
		values = append(values, r.Key)
	}
	return values
}

func (q *Question) worth() []float64 {
	levels := slices.Clone(q.Levels)
	slices.SortFunc(levels, func(a, b Step) int { return a.Value - b.Value })
	points := make([]float64, len(levels))
	for i, s := range levels {
		points[i] = s.Points
	}
	return points
}

func (q *Question) words() []Text {
	words := []Text{q.Text}
	for _, s := range q.Levels {
		words = append(words, s.Text)
	}
	for _, o := range slices.Concat(q.Rows, q.Options) {
		words = append(words, o.Text)
	}
	return words
}
