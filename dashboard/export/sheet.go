package export

import (
	"context"
	"iter"
	"reflect"
	"slices"
)

// sheet is one table of an answer: its columns, and rows that are made as they are asked for.
type sheet struct {
	content
	glossary glossary
	slots    []slot
	more     func(context.Context) (any, error) // further parts; nil when content is all
}

// slot is a column of a sheet and where its cells come from.
type slot struct {
	column
	of   leaf
	name bool // the cell is what a key is called, not the key
}

// column is what stands in one column of a file.
type column struct {
	head    string // with its unit
	percent string // the head where shares are shown in per cent, as a spreadsheet does; "" for head
	kind    cellKind
}

// cellKind is how a spreadsheet shows a column.
type cellKind int

const (
	cellText cellKind = iota
	cellCount
	cellFigure  // with up to three decimals
	cellSeconds // whole
	cellShare   // 0 to 1, shown in per cent
	cellTime
)

// slots are a column for each value and, before each key, one for its name.
// Unless all are wanted, what no row has is left out, such as the percentiles
// of a count.
func (c content) slots(h heads, all bool) (list []slot) {
	used := make([]bool, len(c.leaves))
	c.each(func(levels []reflect.Value, _ bool) bool {
		for i, l := range c.leaves {
			used[i] = used[i] || l.value(levels) != nil
		}
		return slices.Contains(used, false)
	})
	for i, l := range c.leaves {
		switch {
		case !used[i] && !all:
		case h.glossary.knows(l.name()) || (l.name() == "key" && c.has("by")):
			list = append(list, slot{column{head: h.name(l)}, l, true}, slot{column{head: h.key(l)}, l, false})
		default:
			list = append(list, slot{h.column(l, c), l, false})
		}
	}
	return list
}

func (s sheet) columns() []column {
	list := make([]column, len(s.slots))
	for i, slot := range s.slots {
		list[i] = slot.column
	}
	return list
}

// row are the cells beside the columns; nil for none.
func (s sheet) row(levels []reflect.Value) []any {
	cells := make([]any, len(s.slots))
	for i, slot := range s.slots {
		cells[i] = slot.of.value(levels)
		if slot.name && cells[i] != nil {
			cells[i] = s.say(slot.of, levels)
		}
	}
	return cells
}

// say is what the keys in a cell are called. A row may say itself what they are
// keys of, and of which process.
func (s sheet) say(l leaf, levels []reflect.Value) string {
	subject := s.glossary.subject(l.name())
	if by := s.text("by", levels); by != "" && l.name() == "key" {
		subject = by
	}
	return s.glossary.say(subject, reach(levels[l.level], l.index), s.text("process", levels))
}

// text is a row's value in a column of texts, "" when there is no such.
func (s sheet) text(name string, levels []reflect.Value) string {
	at := slices.IndexFunc(s.leaves, func(l leaf) bool { return l.name() == name })
	if at < 0 {
		return ""
	}
	text, _ := s.leaves[at].value(levels).(string)
	return text
}

func (c content) has(name string) bool {
	return slices.ContainsFunc(c.leaves, func(l leaf) bool { return l.name() == name })
}

// rows are all rows in order, part after part. They end with an error when ctx is done.
func (s sheet) rows(ctx context.Context) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for part := s.content; ; {
			wanted := true
			part.each(func(levels []reflect.Value, _ bool) bool {
				if err := ctx.Err(); err != nil {
					yield(nil, err)
					wanted = false
				} else {
					wanted = yield(s.row(levels), nil)
				}
				return wanted
			})
			if !wanted || s.more == nil {
				return
			}
			answer, err := s.more(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			if answer == nil {
				return
			}
			_, parts := contents(answer)
			part.rows = parts[0].rows
		}
	}
}

// latest is the last row of each series; nil when the table has no series.
func (s sheet) latest() (rows [][]any) {
	if len(s.chain) == 0 {
		return nil
	}
	s.each(func(levels []reflect.Value, last bool) bool {
		if last {
			rows = append(rows, s.row(levels))
		}
		return true
	})
	return rows
}
