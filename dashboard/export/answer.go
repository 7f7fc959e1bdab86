package export

import (
	"reflect"
	"slices"
	"strings"
)

// Alone is the name of the table of an answer's own values.
const Alone = "answer"

// fact is a value of the answer itself.
type fact struct {
	name  string
	value any
}

// contents are the values of an answer itself and its tables: the lists in
// order, then plain lists of numbers, then its own values in one row.
func contents(answer any) (facts []fact, tables []content) {
	v := deref(reflect.ValueOf(answer))
	if v.Kind() != reflect.Struct {
		return nil, nil
	}
	leaves, lists := fields(v.Type(), 0, nil, nil)
	var plain []content
	for _, l := range leaves {
		if l.isPlainList() {
			plain = append(plain, places(l.name(), reach(v, l.index)))
			continue
		}
		facts = append(facts, fact{strings.Join(l.path, "."), l.value([]reflect.Value{v})})
	}
	if rows, ok := either(v); ok {
		return facts, rows
	}
	for _, l := range lists {
		tables = append(tables, contentsOf(l.name, reach(v, l.index), l.elem)...)
	}
	// The list that an answer is named after comes first: moves before their totals.
	main := strings.ToLower(v.Type().Name())
	if at := slices.IndexFunc(tables, func(c content) bool { return c.name == main }); at > 0 {
		tables[0], tables[at] = tables[at], tables[0]
	}
	tables = append(tables, plain...)
	if alone, ok := own(v, leaves); ok {
		tables = append(tables, alone)
	}
	return facts, tables
}

// either is the list of an answer that has a list of one of several types. Those
// declared beside it are then empty.
func either(v reflect.Value) ([]content, bool) {
	for i := range v.NumField() {
		rows := deref(v.Field(i))
		if v.Field(i).Kind() == reflect.Interface && rows.IsValid() && rows.Kind() == reflect.Slice && rowType(rows.Type().Elem()) != nil {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			return contentsOf(name, rows, rowType(rows.Type().Elem())), true
		}
	}
	return nil, false
}

func (l leaf) isPlainList() bool {
	return l.typ.Kind() == reflect.Slice && l.typ.Elem().Kind() == reflect.Float64
}

// place is a value of a plain list, such as the percentiles 0 to 100.
type place struct {
	Place int     `json:"place"` // from 0
	Value float64 `json:"value"`
}

func places(name string, values reflect.Value) content {
	rows := make([]place, values.Len())
	for i := range rows {
		rows[i] = place{i, values.Index(i).Float()}
	}
	return contentsOf(name, reflect.ValueOf(rows), reflect.TypeFor[place]())[0]
}

// What every answer says about itself, and is no finding.
var headers = []string{
	"metric", "unit", "clock", "definition", "timezone", "from", "to", "as_of",
	"handbook_version", "handbook_fingerprint", "calendar_version", "provisional_years",
}

// own is the table of the answer's findings that stand in no list; ok is false
// when there are none, or only how many rows there are.
func own(v reflect.Value, leaves []leaf) (alone content, ok bool) {
	alone = content{name: Alone, rows: reflect.Append(reflect.MakeSlice(reflect.SliceOf(v.Type()), 0, 1), v)}
	for _, l := range leaves {
		if l.isPlainList() || (len(l.path) == 1 && slices.Contains(headers, l.path[0])) {
			continue
		}
		alone.leaves = append(alone.leaves, l)
		ok = ok || l.typ.Kind() == reflect.Float64 || l.typ == timeType
	}
	return alone, ok
}
