package questionnaire

import (
	"fmt"
	"strconv"
	"strings"

	"example.com/officepulse/ingest/event"
)

// Check finds what the schema cannot: keys that are taken, parts that a type of
// question does not have, conditions that look ahead or ask the wrong question.
func (q *Questionnaire) Check() []Mistake {
	c := checker{before: make(map[string]*Question)}
	for i := range q.Questions {
		c.question(&q.Questions[i], "questions", strconv.Itoa(i))
	}
	c.size(q)
	return c.found
}

const (
	bytesOfRune = 4        // in UTF-8, at most
	roomForRest = 32 << 10 // bytes of an event besides texts
	longestText = event.MaxBytes - roomForRest
)

// size finds what no answer event could carry.
func (c *checker) size(q *Questionnaire) {
	keys, letters := 0, 0
	for i := range q.Questions {
		one := &q.Questions[i]
		keys += len(one.keys())
		if one.Type == FreeText {
			letters += one.longest()
		}
	}
	if keys > event.MaxAnswers {
		c.add(fmt.Sprintf("it asks for %d answers, a row of a matrix being one; at most %d can be kept", keys, event.MaxAnswers), "questions")
	}
	if most := longestText / (2 * bytesOfRune); letters > most { // twice: JSON may write a character as two
		c.add(fmt.Sprintf("its texts may have %d characters together; at most %d can be kept, so ask for fewer or shorter ones", letters, most), "questions")
	}
}

type checker struct {
	before map[string]*Question // by the keys under which they are answered
	taken  map[string]bool
	found  []Mistake
}

func (c *checker) add(text string, path ...string) {
	c.found = append(c.found, Mistake{Path: pointer(path...), Text: text})
}

func (c *checker) question(q *Question, path ...string) {
	at := func(more ...string) []string { return append(append([]string{}, path...), more...) }
	c.condition(q.VisibleIf, at("visible_if")...)
	if c.taken == nil {
		c.taken = make(map[string]bool)
	}
	if c.taken[q.Key] {
		c.add(fmt.Sprintf("key %q is taken by an earlier question", q.Key), at("key")...)
	}
	c.taken[q.Key] = true
	c.parts(q, at)
	c.options(q.Options, at("options")...)
	c.options(q.Rows, at("rows")...)
	c.levels(q, at("levels")...)
	if q.AtMost > 0 && q.AtLeast > q.AtMost {
		c.add(fmt.Sprintf("at_least %d is more than at_most %d", q.AtLeast, q.AtMost), at("at_least")...)
	}
	if n := len(q.Options); n > 0 && max(q.AtLeast, q.AtMost) > n {
		c.add(fmt.Sprintf("there are %d options only", n), at("at_most")...)
	}
	for _, key := range q.keys() {
		c.before[key] = q
	}
}

// part is a field of a question that only some types have.
type part struct {
	name   string
	has    func(*Question) bool
	types  []Type
	always bool // these types cannot do without it
}

var parts = []part{
	{"levels", func(q *Question) bool { return len(q.Levels) > 0 }, []Type{Level, Matrix}, true},
	{"rows", func(q *Question) bool { return len(q.Rows) > 0 }, []Type{Matrix}, true},
	{"options", func(q *Question) bool { return len(q.Options) > 0 }, []Type{Single, Multiple, Ranking}, true},
	{"at_least", func(q *Question) bool { return q.AtLeast > 0 }, []Type{Multiple, Ranking}, false},
	{"at_most", func(q *Question) bool { return q.AtMost > 0 }, []Type{Multiple, Ranking}, false},
	{"max_length", func(q *Question) bool { return q.MaxLength > 0 }, []Type{FreeText}, false},
	{"weight", func(q *Question) bool { return q.Weight > 0 }, []Type{Score, Level, Matrix}, false},
}

func (c *checker) parts(q *Question, at func(...string) []string) {
	for _, p := range parts {
		fits := false
		for _, t := range p.types {
			fits = fits || t == q.Type
		}
		switch {
		case p.has(q) && !fits:
			c.add(fmt.Sprintf("a question of type %s has no %s", q.Type, p.name), at(p.name)...)
		case p.always && fits && !p.has(q):
			c.add(fmt.Sprintf("a question of type %s needs %s", q.Type, p.name), at()...)
		}
	}
}

func (c *checker) options(options []Option, path ...string) {
	seen := make(map[string]bool)
	for i, o := range options {
		if seen[o.Key] {
			c.add(fmt.Sprintf("key %q is taken by an earlier one", o.Key), append(path, strconv.Itoa(i), "key")...)
		}
		seen[o.Key] = true
	}
}

func (c *checker) levels(q *Question, path ...string) {
	seen := make(map[int]bool)
	for i, s := range q.Levels {
		if seen[s.Value] {
			c.add(fmt.Sprintf("value %d is taken by an earlier level", s.Value), append(path, strconv.Itoa(i), "value")...)
		}
		seen[s.Value] = true
	}
}

func (c *checker) condition(on *Condition, path ...string) {
	if on == nil {
		return
	}
	for i := range on.All {
		c.condition(&on.All[i], append(append([]string{}, path...), "all", strconv.Itoa(i))...)
	}
	for i := range on.Any {
		c.condition(&on.Any[i], append(append([]string{}, path...), "any", strconv.Itoa(i))...)
	}
	if on.Question == "" {
		return
	}
	q, ok := c.before[on.Question]
	if !ok {
		c.add(fmt.Sprintf("no question before this one is answered under %q", on.Question), append(path, "question")...)
		return
	}
	if text := on.unfit(q); text != "" {
		c.add(text, path...)
	}
}

// unfit says why a condition cannot be asked of a question; "" when it can.
func (c *Condition) unfit(q *Question) string {
	numeric := q.Type == Score || q.Type == NPS || q.Type == Level || q.Type == Matrix
	switch {
	case len(c.Is) > 0 && len(q.Options) == 0:
		return fmt.Sprintf("%q has no options that \"is\" could name", q.Key)
	case (c.AtLeast != nil || c.AtMost != nil) && !numeric:
		return fmt.Sprintf("%q is answered with no number", q.Key)
	case c.AtLeast != nil && c.AtMost != nil && *c.AtLeast > *c.AtMost:
		return "no number is at least that and at most this"
	}
	var strange []string
	for _, key := range c.Is {
		if !q.option(key) {
			strange = append(strange, strconv.Quote(key))
		}
	}
	if len(strange) > 0 {
		return fmt.Sprintf("%q has no option %s", q.Key, strings.Join(strange, ", "))
	}
	return ""
}
