package questionnaire

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"example.com/officepulse/ingest/event"
)

// Reason says why an answer is none.
type Reason string

// The reasons.
const (
	Missing    Reason = "missing"    // the question has to be answered
	NoNumber   Reason = "no_number"  // a whole number is asked for
	OutOfRange Reason = "range"      // the number is not between From and To
	NoOption   Reason = "no_option"  // what was chosen cannot be
	TooFew     Reason = "too_few"    // fewer than From options
	TooMany    Reason = "too_many"   // more than To options
	TooLong    Reason = "too_long"   // more than To characters
	Unreadable Reason = "unreadable" // no UTF-8 text, or control characters in it
	SameRank   Reason = "same_rank"  // two options at one place
	RankGap    Reason = "rank_gap"   // a place was left out
	Nothing    Reason = "nothing"    // not one question was answered
)

// Fault is something that a form's reader has to put right.
type Fault struct {
	Key      string // of the field, of a matrix with its row
	Question string // key
	Reason   Reason
	From, To int // what the reason says of them; else 0
}

// String is for logs; a form says it in the reader's language.
func (f Fault) String() string {
	return fmt.Sprintf("%s: %s (%d to %d)", f.Key, f.Reason, f.From, f.To)
}

// Fill reads a form. It works out which questions are asked as it goes, takes no
// answer to one that is not, and returns every fault at once; without faults the
// answers are what the event has to carry. Fields that the questionnaire does not
// know are left alone, since browsers and their helpers add some.
//
// Fields are named by [Question.Field] and by [RankField]; an empty field is no answer.
func (q *Questionnaire) Fill(form url.Values) (Answers, []Fault) {
	f := filling{form: form, answers: make(Answers)}
	for i := range q.Questions {
		if one := &q.Questions[i]; one.VisibleIf.Holds(f.answers) {
			f.question(one)
		}
	}
	if len(f.answers) == 0 && len(f.faults) == 0 {
		first := &q.Questions[0]
		f.fault(first.keys()[0], first, Nothing, 0, 0)
	}
	return f.answers, f.faults
}

// filling is a form that is being read.
type filling struct {
	form    url.Values
	answers Answers
	faults  []Fault
}

func (f *filling) fault(key string, q *Question, reason Reason, from, to int) {
	f.faults = append(f.faults, Fault{Key: key, Question: q.Key, Reason: reason, From: from, To: to})
}

func (f *filling) question(q *Question) {
	switch q.Type {
	case Score:
		f.number(q.Key, q, 0, 100)
	case NPS:
		f.number(q.Key, q, 0, 10)
	case Level, Matrix:
		for _, key := range q.keys() {
			f.level(key, q)
		}
	case Single:
		f.single(q)
	case Multiple:
		f.multiple(q)
	case Ranking:
		f.ranking(q)
	case FreeText:
		f.text(q)
	}
}

// given returns the only value of a field without the space around it.
func (f *filling) given(key string, q *Question) (string, bool) {
	value := strings.TrimSpace(f.form.Get(key))
	if value == "" && q.Required {
		f.fault(key, q, Missing, 0, 0)
	}
	return value, value != ""
}

func (f *filling) number(key string, q *Question, from, to int) {
	value, ok := f.given(key, q)
	if !ok {
		return
	}
	n, err := strconv.Atoi(halfWidth(value))
	switch {
	case err != nil:
		f.fault(key, q, NoNumber, from, to)
	case n < from || n > to:
		f.fault(key, q, OutOfRange, from, to)
	default:
		f.answers[key] = event.Number(float64(n))
	}
}

// halfWidth turns the digits of a Chinese keyboard into those of a number.
func halfWidth(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' {
			return r - '０' + '0'
		}
		return r
	}, text)
}

func (f *filling) level(key string, q *Question) {
	value, ok := f.given(key, q)
	if !ok {
		return
	}
	n, err := strconv.Atoi(value)
	if err != nil || !q.step(n) {
		f.fault(key, q, NoOption, 0, 0)
		return
	}
	f.answers[key] = event.Number(float64(n))
}

func (f *filling) single(q *Question) {
	value, ok := f.given(q.Key, q)
	switch {
	case !ok:
	case !q.option(value):
		f.fault(q.Key, q, NoOption, 0, 0)
	default:
		f.answers[q.Key] = event.Text(value)
	}
}

func (f *filling) multiple(q *Question) {
	chosen := make(map[string]bool)
	for _, key := range f.form[q.Key] {
		if key != "" {
			chosen[key] = true
		}
	}
	var keys []string
	for _, o := range q.Options { // in the order of the questionnaire, whatever the browser's
		if chosen[o.Key] {
			keys = append(keys, o.Key)
		}
	}
	f.choices(q, keys, len(chosen))
}

// choices keeps the options chosen; given is how many keys there were, real or not.
func (f *filling) choices(q *Question, keys []string, given int) {
	switch {
	case given == 0 && q.Required:
		f.fault(q.Key, q, Missing, 0, 0)
	case given == 0:
	case len(keys) != given:
		f.fault(q.Key, q, NoOption, 0, 0)
	case given < q.AtLeast:
		f.fault(q.Key, q, TooFew, q.AtLeast, q.mostChosen())
	case given > q.mostChosen():
		f.fault(q.Key, q, TooMany, q.AtLeast, q.mostChosen())
	default:
		f.answers[q.Key] = event.Choices(keys...)
	}
}

// RankField is the name of the field that holds the place of an option, 1 for the first.
func RankField(question, option string) string { return question + "." + option }

// ranking reads a place for each option. Places may be left empty at the end.
func (f *filling) ranking(q *Question) {
	at := make(map[int]string)
	highest := 0
	for _, o := range q.Options {
		value := strings.TrimSpace(f.form.Get(RankField(q.Key, o.Key)))
		if value == "" {
			continue
		}
		place, err := strconv.Atoi(halfWidth(value))
		switch {
		case err != nil:
			f.fault(q.Key, q, NoNumber, 1, q.mostChosen())
			return
		case place < 1 || place > len(q.Options):
			f.fault(q.Key, q, OutOfRange, 1, q.mostChosen())
			return
		case at[place] != "":
			f.fault(q.Key, q, SameRank, place, place)
			return
		}
		at[place] = o.Key
		highest = max(highest, place)
	}
	if highest != len(at) {
		f.fault(q.Key, q, RankGap, 1, highest)
		return
	}
	keys := make([]string, 0, len(at))
	for place := 1; place <= highest; place++ {
		keys = append(keys, at[place])
	}
	f.choices(q, keys, len(keys))
}

func (f *filling) text(q *Question) {
	value, ok := f.given(q.Key, q)
	if !ok {
		return
	}
	value = strings.ReplaceAll(value, "\r\n", "\n") // as forms send line breaks
	switch {
	case !legible(value):
		f.fault(q.Key, q, Unreadable, 0, 0)
	case utf8.RuneCountInString(value) > q.longest():
		f.fault(q.Key, q, TooLong, 0, q.longest())
	default:
		f.answers[q.Key] = event.Text(value)
	}
}

// legible reports whether a text can be stored and shown: a line break and a tab
// are the only control characters people type.
func legible(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\t' || r == 0x7f
	})
}
