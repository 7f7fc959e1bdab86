// Package questionnaire knows what is asked and which answers are answers: JSON
// or a filled-in form comes in, a checked questionnaire or checked values go out.
// A version of a questionnaire never changes once a wave has asked it.
package questionnaire

import (
	"fmt"
	"slices"

	"example.com/officepulse/ingest/event"
)

// Text is said in both languages.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// In returns the text in a language, "zh" or "en"; the other one when it is missing.
func (t Text) In(language string) string {
	if (language == "zh" && t.ZH != "") || t.EN == "" {
		return t.ZH
	}
	return t.EN
}

// Questionnaire is one version of what is asked.
type Questionnaire struct {
	Key       string     `json:"key"`     // the same in all versions
	Version   int        `json:"version"` // from 1
	Title     Text       `json:"title"`
	Intro     Text       `json:"intro,omitzero"`
	Questions []Question `json:"questions"` // in the order in which they are asked
}

// ID names this version, as answer events do: office_services.v1.
func (q *Questionnaire) ID() string { return fmt.Sprintf("%s.v%d", q.Key, q.Version) }

// Question returns a question by its key and whether there is one.
func (q *Questionnaire) Question(key string) (*Question, bool) {
	i := slices.IndexFunc(q.Questions, func(one Question) bool { return one.Key == key })
	if i < 0 {
		return nil, false
	}
	return &q.Questions[i], true
}

// Type is a kind of question.
type Type string

// The types, with the value that answers one.
const (
	Score    Type = "score"    // a whole number, 0 to 100
	Level    Type = "level"    // the number of one of the levels, e.g. 5 for very satisfied
	NPS      Type = "nps"      // a whole number, 0 to 10: would you recommend it?
	Matrix   Type = "matrix"   // a level a row, each stored under "question.row"
	Single   Type = "single"   // the key of one option
	Multiple Type = "multiple" // keys of options
	Ranking  Type = "ranking"  // keys of options, the first choice first
	FreeText Type = "text"     // what people write
)

// Question is one question. Its key is for ever: trends join on key and scale,
// so a question that means something else now needs a new key.
type Question struct {
	Key      string `json:"key"`
	Type     Type   `json:"type"`
	Text     Text   `json:"text"`
	Help     Text   `json:"help,omitzero"`
	Required bool   `json:"required,omitempty"`

	// Service is what the answer rates, e.g. doc_approval; "" for none.
	Service string `json:"service,omitempty"`
	// Weight is that of the answer in the satisfaction score, > 0 where it counts;
	// of a matrix, its rows share it. The weights of the answered questions are
	// normalised.
	Weight float64 `json:"weight,omitempty"`

	Levels  []Step   `json:"levels,omitempty"`  // of level and matrix, the best first
	Rows    []Option `json:"rows,omitempty"`    // of a matrix
	Options []Option `json:"options,omitempty"` // of single, multiple and ranking

	AtLeast   int `json:"at_least,omitempty"`   // options that have to be chosen or ranked, if any is
	AtMost    int `json:"at_most,omitempty"`    // options that may be; 0: all
	MaxLength int `json:"max_length,omitempty"` // of a text, in characters; 0: [DefaultMaxLength]

	VisibleIf *Condition `json:"visible_if,omitempty"` // nil: always
}

// How long texts may be, in characters.
const (
	DefaultMaxLength = 500
	MostLength       = 2000 // in UTF-8 they fit into an event, whichever they are
)

// Step is a level of a scale with what it is worth.
type Step struct {
	Value  int     `json:"value"`
	Points float64 `json:"points"` // 0 to 100
	Text   Text    `json:"text"`
}

// Option is something that can be chosen, or a row of a matrix.
type Option struct {
	Key     string `json:"key"`
	Text    Text   `json:"text"`
	Service string `json:"service,omitempty"` // of a row: as of a question
}

// RowKey is the key under which a row of a matrix is answered.
func RowKey(question, row string) string { return question + "." + row }

// Answers are the values of a filled-in questionnaire by question key, those of
// a matrix by [RowKey], as answer events carry them.
type Answers map[string]event.Value

// mostChosen is how many options may be chosen.
func (q *Question) mostChosen() int {
	if q.AtMost == 0 {
		return len(q.Options)
	}
	return q.AtMost
}

// longest is how many characters a text may have.
func (q *Question) longest() int {
	if q.MaxLength == 0 {
		return DefaultMaxLength
	}
	return q.MaxLength
}

// step returns a level by its value.
func (q *Question) step(value int) bool {
	return slices.ContainsFunc(q.Levels, func(s Step) bool { return s.Value == value })
}

func (q *Question) option(key string) bool {
	return slices.ContainsFunc(q.Options, func(o Option) bool { return o.Key == key })
}
