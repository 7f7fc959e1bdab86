package export

import (
	"cmp"
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// leaf is a plain value within a struct, or within one of the structs that stand in its lists.
type leaf struct {
	path  []string // names in the API, e.g. waiting, mean
	level int      // 0 for the outer struct, 1 for those of its list, and so on
	index []int    // of the fields that lead to it
	typ   reflect.Type
	omit  bool // the API leaves it out where it is zero
}

// list is a field that holds further rows.
type list struct {
	name  string
	index []int
	elem  reflect.Type
}

var (
	timeType = reflect.TypeFor[time.Time]()
	textType = reflect.TypeFor[encoding.TextMarshaler]()
)

// parted reports whether a type is laid out by its fields: a struct that is neither
// an instant nor, such as a quarter, a text.
func parted(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t != timeType && !t.Implements(textType)
}

// fields parts a struct, seen as the API spells it, into its values and its
// lists. Embedded and nested structs are laid flat.
func fields(t reflect.Type, level int, path []string, index []int) (leaves []leaf, lists []list) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" {
			continue
		}
		at, to := append(slices.Clone(index), i), slices.Clone(path)
		if name != "" || !f.Anonymous {
			to = append(to, cmp.Or(name, strings.ToLower(f.Name)))
		}
		switch typ := plainType(f.Type); {
		case parted(typ):
			l, m := fields(typ, level, to, at)
			leaves, lists = append(leaves, l...), append(lists, m...)
		case typ.Kind() == reflect.Slice && rowType(typ.Elem()) != nil:
			lists = append(lists, list{name: to[len(to)-1], index: at, elem: rowType(typ.Elem())})
		case typ.Kind() == reflect.Interface: // a list of one of several types; see [contents]
		default:
			leaves = append(leaves, leaf{path: to, level: level, index: at, typ: typ, omit: f.Type.Kind() != reflect.Pointer && strings.Contains(options, "omit")})
		}
	}
	return leaves, lists
}

func plainType(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// rowType is the struct that the elements of a list are; nil when they are none.
func rowType(t reflect.Type) reflect.Type {
	if t = plainType(t); parted(t) {
		return t
	}
	return nil
}

// reach follows fields; the zero Value when there is a nil pointer on the way.
func reach(v reflect.Value, index []int) reflect.Value {
	for _, i := range index {
		if v = deref(v); !v.IsValid() {
			return v
		}
		v = v.Field(i)
	}
	return deref(v)
}

func deref(v reflect.Value) reflect.Value {
	for v.IsValid() && (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) {
		v = v.Elem()
	}
	return v
}

// cell is a value as the writers of files take it: nil, string, bool, int64,
// uint64, float64 or time.Time.
func cell(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	if v.Type() == timeType {
		if t, ok := reflect.TypeAssert[time.Time](v); ok && !t.IsZero() {
			return t
		}
		return nil
	}
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return v.Uint()
	case reflect.Float32, reflect.Float64:
		return v.Float()
	case reflect.Bool:
		return v.Bool()
	case reflect.String:
		return v.String()
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.String {
			return strings.Join(texts(v), arrow)
		}
		return strings.Join(texts(v), "; ")
	default:
		return fmt.Sprint(v.Interface())
	}
}

// arrow stands between the members of a list in one cell, e.g. the stages of a variant.
const arrow = " → "

func texts(v reflect.Value) []string {
	all := make([]string, v.Len())
	for i := range all {
		all[i] = fmt.Sprint(v.Index(i).Interface())
	}
	return all
}

// content is a list of an answer, with the lists within it unrolled.
type content struct {
	name   string
	rows   reflect.Value // slice of structs
	chain  []list        // lists within that are unrolled, outermost first
	leaves []leaf
}

// contentsOf makes one table of a list, or one for each list that lies within its rows.
func contentsOf(name string, rows reflect.Value, elem reflect.Type) []content {
	var all []content
	for i, chain := range chains(elem) {
		c := content{name: name, rows: rows, chain: chain}
		if i > 0 {
			for _, l := range chain {
				c.name += "_" + l.name
			}
		}
		typ := elem
		for level := 0; ; level++ {
			leaves, _ := fields(typ, level, nil, nil)
			c.leaves = append(c.leaves, leaves...)
			if level == len(chain) {
				break
			}
			typ = chain[level].elem
		}
		all = append(all, c)
	}
	return all
}

func chains(t reflect.Type) (all [][]list) {
	_, lists := fields(t, 0, nil, nil)
	for _, l := range lists {
		for _, rest := range chains(l.elem) {
			all = append(all, append([]list{l}, rest...))
		}
	}
	if len(all) == 0 {
		all = [][]list{nil}
	}
	return all
}

// each walks the unrolled rows: the structs of every level. One whose list is
// empty has a row without the inner levels. last is set on an outer struct's last row.
func (c content) each(yield func(levels []reflect.Value, last bool) bool) {
	for i := range c.rows.Len() {
		if !unroll([]reflect.Value{deref(c.rows.Index(i))}, c.chain, true, yield) {
			return
		}
	}
}

func unroll(levels []reflect.Value, chain []list, last bool, yield func([]reflect.Value, bool) bool) bool {
	if len(chain) == 0 {
		return yield(levels, last)
	}
	inner := reach(levels[len(levels)-1], chain[0].index)
	if !inner.IsValid() || inner.Len() == 0 {
		return yield(levels, last)
	}
	for i := range inner.Len() {
		if !unroll(append(slices.Clone(levels), deref(inner.Index(i))), chain[1:], last && i == inner.Len()-1, yield) {
			return false
		}
	}
	return true
}

// value is what a leaf is in one row.
func (l leaf) value(levels []reflect.Value) any {
	if l.level >= len(levels) {
		return nil
	}
	v := reach(levels[l.level], l.index)
	if l.omit && v.IsValid() && v.IsZero() {
		return nil
	}
	return cell(v)
}

// name is the last of the leaf's path.
func (l leaf) name() string { return l.path[len(l.path)-1] }
