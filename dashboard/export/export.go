// Package export writes the API's answers as files: an answer, which is any
// struct with lists of structs as the API spells them in JSON, comes in; CSV or
// a workbook goes out, row by row.
package export

import (
	"context"
	"net/url"
	"slices"
	"time"

	"example.com/officepulse/dashboard/i18n"
)

// Reader is for whom a file is written.
type Reader struct {
	Words i18n.Messages
	Asked url.Values     // the question, as the API spells it
	Zone  *time.Location // of times when the answer does not name one

	// Name is what a key is called: of a process, department, stage, class or
	// kind. A stage is one of the process, which may be "".
	Name func(subject, key, process string) string
	// Period is what the time from one instant up to another is called, as part
	// of a file's name.
	Period func(from, to time.Time) string
}

// Export is an answer on its way into a file.
type Export struct {
	reader Reader
	words  i18n.Messages
	zone   *time.Location // the reader's: of the answer, else of the office
	facts  []fact
	sheets []sheet
	chosen bool // the reader named the one sheet that is left
}

// New lays an answer out in tables; in one without a list there are none.
func New(answer any, r Reader) Export {
	facts, tables := contents(answer)
	e := Export{reader: r, words: r.Words, zone: r.Zone, facts: facts}
	if zone, err := time.LoadLocation(e.fact("timezone")); err == nil && e.fact("timezone") != "" {
		e.zone = zone
	}
	for _, t := range tables {
		h := e.heads()
		e.sheets = append(e.sheets, sheet{content: t, glossary: h.glossary, slots: t.slots(h, t.rows.Len() == 0)})
	}
	return e
}

func (e Export) heads() heads {
	return heads{words: e.words, glossary: glossary{e.reader, e.fact("metric"), e.fact("rows"), e.fact("columns")}, unit: e.fact("unit"), zone: e.zone}
}

// Paged is an export whose first table goes on: more gives one further part of
// it after the other, each an answer of the same type, and nil after the last.
func (e Export) Paged(more func(context.Context) (answer any, err error)) Export {
	e.sheets = slices.Clone(e.sheets)
	first := &e.sheets[0]
	first.more = more
	first.slots = first.content.slots(e.heads(), true) // what the first part lacks, a later one may have
	return e
}

// Tables are the names of the answer's tables, the first of which a CSV has.
func (e Export) Tables() (names []string) {
	for _, s := range e.sheets {
		names = append(names, s.name)
	}
	return names
}

// Only is the export with one of its tables; ok is false when there is no such.
func (e Export) Only(table string) (one Export, ok bool) {
	at := slices.Index(e.Tables(), table)
	if at < 0 {
		return e, false
	}
	e.sheets, e.chosen = e.sheets[at:at+1], true
	return e, true
}

// fact is a value of the answer itself, "" when it is no text or not there.
func (e Export) fact(name string) string {
	text, _ := e.value(name).(string)
	return text
}

func (e Export) value(name string) any {
	for _, f := range e.facts {
		if f.name == name {
			return f.value
		}
	}
	return nil
}

func (e Export) instant(name string) time.Time {
	t, _ := e.value(name).(time.Time)
	return t
}
