package handbook

import (
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

// checker looks for what is wrong with a version that could be read.
type checker struct {
	*reader
	root *yaml.Node // the version whole, with what it inherits
}

// add notes a mistake, "what is wrong; what to do", at a path into the file. A
// line with a value of the wrong type has its message already: what follows from
// it is no news.
func (c *checker) add(text string, path ...any) {
	_, line := c.find(path)
	if !c.unread[line] {
		c.tell(mistake(line, text))
	}
}

// has reports whether the file has something at a path.
func (c *checker) has(path ...any) bool {
	n, _ := c.find(path)
	return n != nil
}

// below extends a path.
func below(path []any, more ...any) []any { return append(slices.Clone(path), more...) }

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
	c.zone(hb)
	if hb.FiscalYearStart < 1 || hb.FiscalYearStart > 12 {
		c.add(fmt.Sprintf("fiscal_year_start is a month and not %d; write 1 to 12, 1 for calendar years", hb.FiscalYearStart), "fiscal_year_start")
	}
	c.list("office_hours")
	c.company(&hb.Company, hb)
	c.departments(hb.Departments)
	if c.has("roles") {
		c.named(hb.Roles, "roles")
	}
	c.processes(hb)
	c.named(hb.FaultKinds, "fault_kinds")
	c.named(hb.Classes, "classes")
	c.questionnaires(hb.Questionnaires)
	c.registers(hb)
	c.warnings(hb)
	if _, ok := hb.Process(hb.Headline); !ok {
		c.add(fmt.Sprintf("headline %q is no process of this handbook; name one of %s", hb.Headline, keys(hb.Processes, Process.key)), "headline")
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

// examples are what to write where a text is missing.
var examples = map[any]string{
	"version": `version: "2026-04"`, "timezone": "timezone: Asia/Shanghai", "key": "key: with the key that events carry",
}

// text checks that a text is there.
func (c *checker) text(s string, path ...any) bool {
	if strings.TrimSpace(s) == "" {
		last := path[len(path)-1]
		c.add(fmt.Sprintf("%s is missing; write %s", last, examples[last]), path...)
		return false
	}
	return true
}

// entry checks what every entry of a list has: a key of its own and both names.
func (c *checker) entry(key string, name Text, removed bool, seen map[string]int, path ...any) {
	if c.text(key, below(path, "key")...) {
		if first, double := seen[key]; double {
			c.add(fmt.Sprintf("key %q is taken since line %d; choose another, or make one entry of the two", key, first), below(path, "key")...)
		} else {
			_, seen[key] = c.find(below(path, "key"))
		}
	}
	if removed {
		c.add(fmt.Sprintf("there is no %q in an earlier version to take out; delete this entry", key), below(path, "removed")...)
		return
	}
	c.names(name, fmt.Sprintf("%q", key), below(path, "name")...)
}

// names checks that a name is there in both languages.
func (c *checker) names(name Text, of string, path ...any) {
	for _, language := range []string{"zh", "en"} {
		if text := map[string]string{"zh": name.ZH, "en": name.EN}[language]; strings.TrimSpace(text) == "" {
			c.add(fmt.Sprintf("name in %q of %s is missing; write name: {zh: 文件审批, en: Document approval}", language, of), below(path, language)...)
		}
	}
}

// list checks that a list has entries and none of them is blank.
func (c *checker) list(path ...any) {
	last := path[len(path)-1]
	n, _ := c.find(path)
	if n == nil {
		c.add(fmt.Sprintf("%s is missing; write the list under %s:", last, last), path...)
		return
	}
	if len(n.Content) == 0 {
		c.add(fmt.Sprintf("%s is empty; give it at least one entry", last), path...)
	}
	for _, entry := range n.Content {
		// The decoder leaves out null without a word, however it is written.
		if entry.Kind == yaml.ScalarNode && (entry.ShortTag() == "!!null" || entry.Value == "") {
			c.tell(mistake(entry.Line, "the entry is empty; fill it in or delete the line"))
		}
	}
}

func (c *checker) departments(all []Department) {
	c.list("departments")
	seen := make(map[string]int)
	for i, d := range all {
		c.entry(d.Key, d.Name, d.Removed, seen, "departments", i)
		if d.Headcount < 0 {
			c.add(fmt.Sprintf("headcount %d is negative; write how many people the department has, 0 if unknown", d.Headcount), "departments", i, "headcount")
		}
	}
}

func (c *checker) named(all []Named, list string) {
	c.list(list)
	seen := make(map[string]int)
	for i, n := range all {
		c.entry(n.Key, n.Name, n.Removed, seen, list, i)
	}
}

func (c *checker) questionnaires(all []Questionnaire) {
	c.list("questionnaires")
	seen := make(map[string]int)
	for i, q := range all {
		c.entry(q.Key, q.Name, q.Removed, seen, "questionnaires", i)
		c.levels(q, i)
		c.list("questionnaires", i, "items")
		items := make(map[string]int)
		for j, item := range q.Items {
			c.entry(item.Key, item.Name, false, items, "questionnaires", i, "items", j)
			if !(item.Weight > 0) || math.IsInf(item.Weight, 0) { // written so that not-a-number fails too
				c.add(fmt.Sprintf("weight %v is not above 0; write how much the question counts, such as 0.2", item.Weight), "questionnaires", i, "items", j, "weight")
			}
		}
	}
}

func (c *checker) levels(q Questionnaire, i int) {
	if len(q.Levels) == 0 {
		c.add(fmt.Sprintf("questionnaire %q has no levels; write levels: {5: 100, 4: 80, 3: 60, 2: 30, 1: 0}", q.Key), "questionnaires", i, "levels")
	}
	for _, level := range slices.Sorted(maps.Keys(q.Levels)) {
		if points := q.Levels[level]; !(points >= 0 && points <= 100) {
			c.add(fmt.Sprintf("level %d is worth %v points; write 0 to 100", level, points), "questionnaires", i, "levels", strconv.Itoa(level))
		}
	}
}

// keys lists the keys of entries, for a message.
func keys[T any](all []T, key func(T) string) string {
	var texts []string
	for _, entry := range all {
		if k := key(entry); k != "" && !slices.Contains(texts, k) {
			texts = append(texts, k)
		}
	}
	if len(texts) == 0 {
		return "those that you define first"
	}
	return strings.Join(texts, ", ")
}

func (p Process) key() string    { return p.Key }
func (s Stage) key() string      { return s.Key }
func (d Department) key() string { return d.Key }
func (n Named) key() string      { return n.Key }

func (q Questionnaire) key() string { return q.Key }
