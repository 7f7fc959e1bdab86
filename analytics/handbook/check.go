package handbook

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// actions are those of a task event. The handbook's package sees tables and not
// events, so it keeps the list; a test compares it with the event's own.
var actions = []string{
	"submit", "start", "complete", "approve", "return", "reject", "sign", "archive", "notify",
	"check", "remind", "transfer", "withdraw", "comment", "reopen", "close",
}

// checker gathers what is wrong with a handbook that could be read.
type checker struct {
	root   *yaml.Node
	found  []LineError
	unread map[int]bool // lines whose value has the wrong type
}

func (c *checker) err() error {
	slices.SortStableFunc(c.found, func(a, b LineError) int { return a.Line - b.Line })
	errs := make([]error, len(c.found))
	for i, m := range c.found {
		errs[i] = m
	}
	return errors.Join(errs...)
}

// add notes a mistake at a path into the file. A line with a value of the wrong
// type has its message already: what follows from it is no news.
func (c *checker) add(text string, path ...any) {
	_, line := c.find(path)
	if !c.unread[line] {
		c.found = append(c.found, LineError{Line: line, Text: text})
	}
}

// find returns the node at a path of keys and indices, nil when there is none,
// and the line of as much of the path as there is.
func (c *checker) find(path []any) (*yaml.Node, int) {
	n, line := c.root, c.root.Line
	for _, step := range path {
		if n = child(n, step); n == nil {
			return nil, line
		}
		line = n.Line
		n = resolve(n)
	}
	return n, line
}

func child(n *yaml.Node, step any) *yaml.Node {
	switch step := step.(type) {
	case string:
		for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
			if n.Content[i].Value == step {
				return n.Content[i+1]
			}
		}
	case int:
		for _, entry := range n.Content {
			// The decoder leaves out entries that are no mapping, so they have no index.
			if resolve(entry).Kind != yaml.MappingNode {
				continue
			}
			if step == 0 {
				return entry
			}
			step--
		}
	}
	return nil
}

func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func (c *checker) check(hb *Handbook) {
	c.text(hb.Version, "version")
	c.zone(hb)
	if hb.FiscalYearStart < 1 || hb.FiscalYearStart > 12 {
		c.add(fmt.Sprintf("fiscal_year_start is a month, 1 to 12, and not %d", hb.FiscalYearStart), "fiscal_year_start")
	}
	c.list("office_hours")
	c.departments(hb.Departments)
	c.processes(hb.Processes)
	c.named(hb.FaultKinds, "fault_kinds")
	c.named(hb.Classes, "classes")
	c.questionnaires(hb.Questionnaires)
	if _, ok := hb.Process(hb.Headline); !ok {
		c.add(fmt.Sprintf("headline %q is no process of this handbook", hb.Headline), "headline")
	}
}

func (c *checker) zone(hb *Handbook) {
	if !c.text(hb.Timezone, "timezone") {
		return
	}
	// "Local" would make figures depend on the machine that computes them.
	if _, err := time.LoadLocation(hb.Timezone); err != nil || hb.Timezone == "Local" {
		c.add(fmt.Sprintf("time zone %q is unknown; use an IANA name such as Asia/Shanghai", hb.Timezone), "timezone")
	}
}

// text checks that a text is there.
func (c *checker) text(s string, path ...any) bool {
	if strings.TrimSpace(s) == "" {
		c.add(fmt.Sprintf("%s is missing", path[len(path)-1]), path...)
		return false
	}
	return true
}

// entry checks what every entry of a list has: a key of its own and both names.
func (c *checker) entry(key string, name Text, seen map[string]int, path ...any) {
	at := func(more ...any) []any { return append(slices.Clone(path), more...) }
	if c.text(key, at("key")...) {
		if first, double := seen[key]; double {
			c.add(fmt.Sprintf("key %q is taken since line %d", key, first), at("key")...)
		} else {
			_, seen[key] = c.find(at("key"))
		}
	}
	for _, language := range []string{"zh", "en"} {
		if text := map[string]string{"zh": name.ZH, "en": name.EN}[language]; strings.TrimSpace(text) == "" {
			c.add(fmt.Sprintf("name in %q of %q is missing", language, key), at("name", language)...)
		}
	}
}

// list checks that a list has entries and none of them is blank.
func (c *checker) list(path ...any) {
	n, _ := c.find(path)
	if n == nil {
		c.add(fmt.Sprintf("%s is missing", path[len(path)-1]), path...)
		return
	}
	if len(n.Content) == 0 {
		c.add(fmt.Sprintf("%s is empty", path[len(path)-1]), path...)
	}
	for _, entry := range n.Content {
		// The decoder leaves out null without a word, however it is written.
		if entry.Kind == yaml.ScalarNode && (entry.ShortTag() == "!!null" || entry.Value == "") {
			c.found = append(c.found, LineError{Line: entry.Line, Text: "the entry is empty"})
		}
	}
}

func (c *checker) departments(all []Department) {
	c.list("departments")
	seen := make(map[string]int)
	for i, d := range all {
		c.entry(d.Key, d.Name, seen, "departments", i)
		if d.Headcount < 0 {
			c.add(fmt.Sprintf("headcount %d is negative", d.Headcount), "departments", i, "headcount")
		}
	}
}

func (c *checker) processes(all []Process) {
	c.list("processes")
	seen := make(map[string]int)
	for i, p := range all {
		c.entry(p.Key, p.Name, seen, "processes", i)
		c.list("processes", i, "stages")
		stages := make(map[string]int)
		for j, s := range p.Stages {
			c.entry(s.Key, s.Name, stages, "processes", i, "stages", j)
		}
		c.ends(p, i)
	}
}

func (c *checker) ends(p Process, i int) {
	if p.Ends == (Step{}) {
		c.add(fmt.Sprintf("process %q has no ends; say which action in which stage completes a case", p.Key), "processes", i, "ends")
		return
	}
	if _, ok := p.Stage(p.Ends.Stage); !ok {
		c.add(fmt.Sprintf("process %q has no stage %q to end with", p.Key, p.Ends.Stage), "processes", i, "ends", "stage")
	}
	if !slices.Contains(actions, p.Ends.Action) {
		c.add(fmt.Sprintf("action %q is unknown; use one of %s", p.Ends.Action, strings.Join(actions, ", ")), "processes", i, "ends", "action")
	}
}

func (c *checker) named(all []Named, list string) {
	c.list(list)
	seen := make(map[string]int)
	for i, n := range all {
		c.entry(n.Key, n.Name, seen, list, i)
	}
}

func (c *checker) questionnaires(all []Questionnaire) {
	c.list("questionnaires")
	seen := make(map[string]int)
	for i, q := range all {
		c.entry(q.Key, q.Name, seen, "questionnaires", i)
		c.levels(q, i)
		c.list("questionnaires", i, "items")
		items := make(map[string]int)
		for j, item := range q.Items {
			c.entry(item.Key, item.Name, items, "questionnaires", i, "items", j)
			if !(item.Weight > 0) || math.IsInf(item.Weight, 0) { // written so that not-a-number fails too
				c.add(fmt.Sprintf("weight %v is not above 0", item.Weight), "questionnaires", i, "items", j, "weight")
			}
		}
	}
}

func (c *checker) levels(q Questionnaire, i int) {
	if len(q.Levels) == 0 {
		c.add(fmt.Sprintf("questionnaire %q has no levels", q.Key), "questionnaires", i, "levels")
	}
	for _, level := range slices.Sorted(maps.Keys(q.Levels)) {
		if points := q.Levels[level]; !(points >= 0 && points <= 100) {
			c.add(fmt.Sprintf("level %d is worth %v points, which is not 0 to 100", level, points), "questionnaires", i, "levels", strconv.Itoa(level))
		}
	}
}
