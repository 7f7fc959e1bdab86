package results

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"example.com/officepulse/analytics/anonymity"
	"example.com/officepulse/surveys/questionnaire"
)

// Comments are what people wrote to one question, as the API spells it.
type Comments struct {
	Wave     string             `json:"wave"`
	Question string             `json:"question"`
	Text     questionnaire.Text `json:"text"`
	Rule     anonymity.Rule     `json:"rule"`

	N      int              `json:"n"` // comments that are listed, before search and filters
	Hidden anonymity.Reason `json:"hidden,omitempty"`
	Groups []CommentGroup   `json:"groups"`
	List   []Comment        `json:"list"` // in an order that says nothing
	Words  []Word           `json:"words"`
}

// CommentGroup says how a department's comments are shown: as its own, or, when
// there are too few, among those without a department.
type CommentGroup struct {
	Department string           `json:"department"`
	N          int              `json:"n,omitempty"`
	Hidden     anonymity.Reason `json:"hidden,omitempty"`
}

// Comment is one text. Nothing leads from it to the other answers of who wrote
// it: its id is a hash that differs by question.
type Comment struct {
	ID         string   `json:"id"`
	Department string   `json:"department,omitempty"` // "" where the department has too few to be named
	Text       string   `json:"text"`
	Tags       []string `json:"tags,omitempty"`
}

// Search chooses among the comments that are listed.
type Search struct {
	Department string // key; only one that is named; "" for all
	Text       string // that stands in it, whatever the case
	Tag        string
}

// commentID names a comment without naming the answer.
func commentID(wave, question, answer string) string {
	sum := sha256.Sum256([]byte("officepulse comment\x00" + wave + "\x00" + question + "\x00" + answer))
	return hex.EncodeToString(sum[:12])
}

// listComments is the one way from answers to texts. A department with fewer
// comments than the rule asks is not named; together the unnamed ones are as many,
// or the next smallest joins them. With fewer in all nothing is listed.
func listComments(a *asked, question string, rule anonymity.Rule) (*Comments, error) {
	q, ok := a.questionnaire.Question(question)
	if !ok || q.Type != questionnaire.FreeText {
		return nil, ErrUnknown
	}
	c := &Comments{Wave: a.wave.Key, Question: question, Text: q.Text, Rule: rule}
	sizes := make([]int, len(a.wave.Departments))
	at := make(map[string]int, len(sizes))
	for i, d := range a.wave.Departments {
		at[d.Key] = i
	}
	for i := range a.answers {
		one := &a.answers[i]
		place, ok := at[one.Department]
		text := strings.TrimSpace(one.Texts[question])
		if !ok || text == "" {
			continue
		}
		sizes[place]++
		c.List = append(c.List, Comment{ID: commentID(a.wave.Key, question, one.ID), Department: one.Department, Text: text})
	}
	if !anonymity.Total(sizes, rule.Comments) {
		c.Hidden = anonymity.TooFew
		if len(c.List) == 0 {
			c.Hidden = anonymity.NoAnswer
		}
		c.List = nil
		return c, nil
	}
	reasons := anonymity.Hide(sizes, nil, rule.Comments)
	for i, d := range a.wave.Departments {
		g := CommentGroup{Department: d.Key, Hidden: reasons[i]}
		if g.Hidden == anonymity.Shown {
			g.N = sizes[i]
		}
		c.Groups = append(c.Groups, g)
	}
	for i := range c.List {
		if reasons[at[c.List[i].Department]] != anonymity.Shown {
			c.List[i].Department = ""
		}
	}
	slices.SortFunc(c.List, func(a, b Comment) int { return strings.Compare(a.ID, b.ID) })
	c.N = len(c.List)
	return c, nil
}

// has reports whether a comment is listed.
func (c *Comments) has(id string) bool {
	return slices.ContainsFunc(c.List, func(one Comment) bool { return one.ID == id })
}

// searched are those of the comments that are looked for.
func (c *Comments) searched(s Search) []Comment {
	list := []Comment{}
	text := strings.ToLower(strings.TrimSpace(s.Text))
	for _, one := range c.List {
		if (s.Department == "" || one.Department == s.Department) &&
			(text == "" || strings.Contains(strings.ToLower(one.Text), text)) &&
			(s.Tag == "" || slices.Contains(one.Tags, s.Tag)) {
			list = append(list, one)
		}
	}
	return list
}
