package importer

import (
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// field is a part of a task event that a column can give.
type field int

const (
	fieldCase field = iota
	fieldStage
	fieldTime
	fieldAction
	fieldDepartment
	fieldActor
	fieldActorDepartment
	fieldDue
	fieldClass
	fieldCount
)

// fieldNames are the fields as --map spells them, which is as the event does.
var fieldNames = [fieldCount]string{
	"case_id", "stage", "time", "action", "department", "actor", "actor_department", "due_at", "class",
}

// required fields have no default: without them a row says nothing.
var required = []field{fieldCase, fieldStage, fieldTime}

// lifecycleColumn is how XES and its tables call the kind of an event.
const lifecycleColumn = "lifecycle:transition"

// knownHeaders are the headers each field is found under without --map, the best
// first, as plainHeader spells them. They come from process mining (pm4py, Disco,
// XES tables), and from exports of Chinese approval systems.
var knownHeaders = [fieldCount][]string{
	fieldCase:            {"caseid", "case:concept:name", "case", "casekey", "审批编号", "流程编号", "案例编号", "案件编号", "单号"},
	fieldStage:           {"stage", "activityid", "activity", "concept:name", "activityname", "task", "环节", "阶段", "节点", "步骤", "活动"},
	fieldTime:            {"time", "timestamp", "time:timestamp", "completetimestamp", "completetime", "eventtime", "endtime", "时间", "操作时间", "处理时间", "完成时间"},
	fieldAction:          {"action", lifecycleColumn, "lifecycle", "动作", "操作"},
	fieldDepartment:      {"department", "case:department", "case:org:group", "org:group", "dept", "部门", "发起人部门", "所属部门"},
	fieldActor:           {"actor", "org:resource", "resource", "操作人", "处理人", "审批人"},
	fieldActorDepartment: {"actordepartment", "操作人部门", "处理人部门", "审批人部门"},
	fieldDue:             {"dueat", "duedate", "deadline", "截止时间", "到期时间"},
	fieldClass:           {"class", "case:class", "类别"},
}

// plainHeader is a header without what people write differently.
func plainHeader(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '_' || r == '-' || r == '\ufeff' {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// ParseMap reads "case_id=CaseID,stage=ActivityID", which says under which column
// header each field stands. A pair whose header contains a comma is put in double
// quotes as in CSV. An unknown field, a repeated one and an empty header are errors.
func ParseMap(s string) (map[string]string, error) {
	m := map[string]string{}
	if strings.TrimSpace(s) == "" {
		return m, nil
	}
	r := csv.NewReader(strings.NewReader(s))
	r.TrimLeadingSpace = true
	pairs, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("read the map %q: %w", s, err)
	}
	for _, pair := range pairs {
		name, header, ok := strings.Cut(pair, "=")
		name, header = strings.TrimSpace(name), strings.TrimSpace(header)
		if !ok || name == "" || header == "" {
			return nil, fmt.Errorf("map: %q is no pair; write field=column, as in case_id=CaseID", pair)
		}
		if _, twice := m[name]; twice {
			return nil, fmt.Errorf("map: %s stands twice", name)
		}
		m[name] = header
	}
	return m, checkMap(m)
}

func checkMap(m map[string]string) error {
	for name := range m {
		if !slices.Contains(fieldNames[:], name) {
			return fmt.Errorf("map: %q is no field; use %s", name, strings.Join(fieldNames[:], ", "))
		}
	}
	return nil
}

// columns says where in a row each field stands.
type columns struct {
	headers []string
	index   [fieldCount]int // -1: not in this file
}

// findColumns looks for every field among the headers: first what was mapped,
// then the well-known names. The error tells what to write instead.
func findColumns(headers []string, mapped map[string]string) (*columns, error) {
	c := &columns{headers: headers}
	var faults []string
	var missing []field
	for f := range fieldCount {
		header, ok := mapped[fieldNames[f]]
		if !ok {
			c.index[f] = findKnown(headers, f)
			if c.index[f] < 0 && slices.Contains(required, f) {
				missing = append(missing, f)
			}
			continue
		}
		at, err := findHeader(headers, header)
		if err != nil {
			faults = append(faults, fmt.Sprintf("column %q, mapped to %s, %v", header, fieldNames[f], err))
		}
		c.index[f] = at
	}
	if len(missing) > 0 {
		faults = append(faults, missingText(missing))
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("%s; the file has the columns %s", strings.Join(faults, "; "), quoteAll(headers))
	}
	return c, nil
}

func missingText(missing []field) string {
	var names, pairs []string
	for _, f := range missing {
		names = append(names, fieldNames[f])
		pairs = append(pairs, fieldNames[f]+"=COLUMN")
	}
	return fmt.Sprintf("no column for %s was found, say which it is with --map %s", strings.Join(names, ", "), strings.Join(pairs, ","))
}

func findKnown(headers []string, f field) int {
	for _, known := range knownHeaders[f] {
		if i := slices.IndexFunc(headers, func(h string) bool { return plainHeader(h) == known }); i >= 0 {
			return i
		}
	}
	return -1
}

// findHeader is where a header stands that was asked for by name. The exact
// spelling wins; else case and spaces around it may differ.
func findHeader(headers []string, want string) (int, error) {
	exact := func(h string) bool { return h == want }
	folded := func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), strings.TrimSpace(want)) }
	for _, same := range []func(string) bool{exact, folded} {
		i := slices.IndexFunc(headers, same)
		if i < 0 {
			continue
		}
		if slices.ContainsFunc(headers[i+1:], same) {
			return -1, errors.New("stands twice in the file")
		}
		return i, nil
	}
	return -1, errors.New("does not exist")
}

// names are the headers of the fields; "" for a field the file does not have.
func (c *columns) names() (names [fieldCount]string) {
	for f, i := range c.index {
		if i >= 0 {
			names[f] = c.headers[i]
		}
	}
	return names
}

// mapping is field -> header, for the fields the file has.
func (c *columns) mapping() map[string]string {
	m := map[string]string{}
	for f, i := range c.index {
		if i >= 0 {
			m[fieldNames[f]] = c.headers[i]
		}
	}
	return m
}

// lifecycle reports whether the action column holds XES transitions.
func (c *columns) lifecycle() bool {
	i := c.index[fieldAction]
	return i >= 0 && plainHeader(c.headers[i]) == lifecycleColumn
}

// quoteAll lists names for a message, cut to what a terminal can bear.
func quoteAll(names []string) string {
	const most, longest = 60, 60
	quoted := make([]string, 0, min(len(names), most)+1)
	for i, n := range names {
		if i == most {
			quoted = append(quoted, fmt.Sprintf("and %d more", len(names)-most))
			break
		}
		quoted = append(quoted, fmt.Sprintf("%q", cut(n, longest)))
	}
	return strings.Join(quoted, ", ")
}

// cut shortens s to about n bytes, at a character's edge.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
