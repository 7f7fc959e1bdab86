package export

import (
	"net/url"
	"slices"
	"strings"
)

// digest is the table below a summary.
type digest struct {
	title   string
	columns []column
	rows    [][]any
}

// latest is the newest point of each series.
func (e Export) latest() *digest {
	rows := e.sheets[0].latest()
	if len(rows) == 0 {
		return nil
	}
	return &digest{title: e.words.T("export.latest"), columns: e.sheets[0].columns(), rows: rows}
}

// Facts that the definitions say, and not the summary.
var definitionFacts = []string{"metric", "unit", "definition"}

// summary is what was asked, and what the answer says about itself; rows is how
// many each table has.
func (e Export) summary(rows []uint64) (list []entry) {
	list = append(list, entry{e.words.T("export.subject"), e.title()})
	for _, f := range e.facts {
		if f.value != nil && f.value != "" && !slices.Contains(definitionFacts, f.name) {
			list = append(list, e.entry(f))
		}
	}
	list = append(list, e.filters())
	for i, t := range e.sheets {
		list = append(list, entry{e.words.T("export.rows", "part", partName(e.words, t.name)), rows[i]})
	}
	return list
}

// entry names a fact in the reader's words.
func (e Export) entry(f fact) entry {
	parts := strings.Split(f.name, ".")
	for i, name := range parts {
		parts[i] = columnName(e.words, name)
	}
	value := f.value
	if clock, ok := value.(string); ok && f.name == "clock" && e.words.Has("clock."+clock) {
		value = e.words.T("clock." + clock)
	}
	return entry{strings.Join(parts, " · "), value}
}

// filters are the parameters of the question, as the API spells them.
func (e Export) filters() entry {
	asked := e.reader.Asked.Encode()
	if text, err := url.QueryUnescape(asked); err == nil {
		asked = text
	}
	return entry{e.words.T("export.filters"), asked}
}

// definitions say what the figures mean and on which promises they rest.
func (e Export) definitions() (list []entry) {
	metric := e.fact("metric")
	list = append(list, entry{e.words.T("export.column.metric"), metric}, entry{e.words.T("export.subject"), e.title()})
	definition := e.fact("definition")
	for _, part := range []string{"definition", "formula", "unit", "source"} {
		value := ""
		switch key := "metric." + metric + "." + part; {
		case e.words.Has(key):
			value = e.words.T(key)
		case part == "definition":
			value = definition
		case part == "unit":
			value = e.fact("unit")
		}
		if value != "" {
			list = append(list, entry{columnName(e.words, part), value})
		}
	}
	for _, name := range []string{"handbook_version", "calendar_version", "provisional_years", "timezone", "clock", "as_of"} {
		if value := e.value(name); value != nil && value != "" {
			list = append(list, e.entry(fact{name, value}))
		}
	}
	return append(list, e.filters())
}
