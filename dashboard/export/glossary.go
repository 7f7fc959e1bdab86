package export

import (
	"reflect"
	"slices"
	"strings"
)

// glossary says what the handbook calls the keys in an answer.
type glossary struct {
	reader        Reader
	metric        string
	rows, columns string // what a matrix is of
}

// subject is what the keys in a column are keys of: process, department, stage,
// class, kind, deviation or limit; "" when they are none.
func (g glossary) subject(column string) string {
	if column == "kind" && g.metric == "deviations" {
		return "deviation"
	}
	switch column {
	case "process", "department", "stage", "class", "kind":
		return column
	case "actor_department":
		return "department"
	case "stages":
		return "stage"
	case "row":
		return g.rows
	case "column":
		return g.columns
	case "from", "to":
		return map[string]string{"transitions": "stage", "handovers": "department"}[g.metric]
	case "key":
		by := g.reader.Asked.Get("by")
		if g.metric == "faults" && (by == "" || by == "none") {
			return "kind"
		}
		return by
	default:
		return ""
	}
}

func (g glossary) knows(column string) bool {
	return slices.Contains([]string{"process", "department", "stage", "class", "kind", "deviation"}, g.subject(column))
}

// say is the name of a cell's key, or of all keys in it.
func (g glossary) say(subject string, v reflect.Value, process string) string {
	keys := []string{}
	if v.Kind() == reflect.Slice || v.Kind() == reflect.Array {
		keys = texts(v)
	} else if key, ok := cell(v).(string); ok {
		keys = append(keys, key)
	}
	if asked := g.reader.Asked["process"]; process == "" && len(asked) == 1 {
		process = asked[0]
	}
	for i, key := range keys {
		keys[i] = g.name(subject, key, process)
	}
	return strings.Join(keys, arrow)
}

// name is what the handbook or, of ways to leave a route, the words call a key.
func (g glossary) name(subject, key, process string) string {
	if word := "deviation." + key; subject == "deviation" && g.reader.Words.Has(word) {
		return g.reader.Words.T(word)
	}
	return g.reader.Name(subject, key, process)
}
