package export

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"example.com/officepulse/dashboard/i18n"
)

// heads writes the head row of a table.
type heads struct {
	words    i18n.Messages
	glossary glossary
	unit     string // of the answer: seconds, rate, points, cases, faults
	zone     *time.Location
}

// Columns whose unit is not that of the answer.
var (
	secondsColumns = []string{"seconds", "elapsed", "working", "since_elapsed", "since_working"}
	shareColumns   = []string{"rate", "share", "coverage", "before_share", "after_share", "relative", "late_share", "share_low", "share_high"}
)

// column is the column of a value that is no key.
func (h heads) column(l leaf, among content) column {
	switch l.typ.Kind() {
	case reflect.Float32, reflect.Float64:
		return h.figure(l, among)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return column{head: h.title(l), kind: cellCount}
	default:
		if l.typ == timeType {
			return column{head: h.with(h.title(l), h.zone.String()), kind: cellTime}
		}
		return column{head: h.title(l)}
	}
}

func (h heads) figure(l leaf, among content) column {
	unit := h.unit
	switch {
	case l.name() == "rate" && among.has("mix"): // the part of a change that is due to the value itself, in its unit
	case slices.Contains(secondsColumns, l.name()):
		unit = "seconds"
	case slices.Contains(shareColumns, l.name()):
		unit = "rate"
	}
	if among.has("unit") && unit == h.unit { // each row says its own
		unit = ""
	}
	kind := cellFigure
	switch unit {
	case "seconds":
		kind = cellSeconds
	case "rate":
		kind = cellShare
	case "":
		return column{head: h.title(l), kind: kind}
	}
	name := unit
	if key := "export.unit." + unit; h.words.Has(key) {
		name = h.words.T(key)
	}
	c := column{head: h.with(h.title(l), name), kind: kind}
	if kind == cellShare {
		c.percent = h.with(h.title(l), "%")
	}
	return c
}

func (h heads) with(title, unit string) string {
	return h.words.T("export.head", "name", title, "unit", unit)
}

// title is what a value is called: each part of its path in turn.
func (h heads) title(l leaf) string {
	parts := make([]string, len(l.path))
	for i, name := range l.path {
		parts[i] = columnName(h.words, name)
	}
	return strings.Join(parts, " · ")
}

func columnName(words i18n.Messages, name string) string {
	if key := "export.column." + name; words.Has(key) {
		return words.T(key)
	}
	return name
}

// name heads the names of a key's column: a column "key" is called after what it is a key of.
func (h heads) name(l leaf) string {
	switch l.name() {
	case "key", "row", "column":
		if h.glossary.subject(l.name()) == "" {
			return h.title(l)
		}
		return columnName(h.words, h.glossary.subject(l.name()))
	case "kind":
		return columnName(h.words, h.glossary.subject(l.name())) // of a fault or a deviation
	}
	return h.title(l)
}

// key heads the keys themselves, as the events spell them.
func (h heads) key(l leaf) string {
	return h.words.T("export.key", "name", h.name(l))
}
