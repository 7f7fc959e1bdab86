package importer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Summary is what a run did.
type Summary struct {
	Read      int64             `json:"read"` // rows below the header, or XES events
	Published int64             `json:"published"`
	Refused   int64             `json:"refused"`
	Closes    int64             `json:"closes"`             // published events with the action close
	Columns   map[string]string `json:"columns,omitempty"`  // field -> header or XES attribute it was read from
	Refusals  []Refusal         `json:"refusals,omitempty"` // the first ones, and the first three of each kind; in the order of the file
	Reasons   map[string]int64  `json:"reasons,omitempty"`  // kind of refusal -> how many; all of them
	Warnings  []string          `json:"warnings,omitempty"` // what was read but looks doubtful, one sentence each
}

// Refusal is a row that became no event.
type Refusal struct {
	Line   int64  `json:"line"`            // of the file, from 1; XLSX: the row
	Trace  int64  `json:"trace,omitempty"` // XES: number of the trace in the log, from 1; else 0
	Event  int64  `json:"event,omitempty"` // XES: number of the event in the trace, from 1; else 0
	Kind   string `json:"kind"`            // the key it is counted under in Summary.Reasons
	Reason string `json:"reason"`          // what is wrong and what would be right
}

// examplesPerKind is how many refusals of one kind are kept whatever came before:
// a rare kind must not hide behind thousands of a common one.
const examplesPerKind = 3

// RefusedKind is what was refused for one kind of reason.
type RefusedKind struct {
	Kind     string
	Count    int64
	Examples []Refusal // the first three at most
}

// ByKind groups the refusals by their kind, the most frequent first.
func (s *Summary) ByKind() []RefusedKind {
	kinds := make([]RefusedKind, 0, len(s.Reasons))
	for kind, count := range s.Reasons {
		k := RefusedKind{Kind: kind, Count: count}
		for _, r := range s.Refusals {
			if r.Kind == kind && len(k.Examples) < examplesPerKind {
				k.Examples = append(k.Examples, r)
			}
		}
		kinds = append(kinds, k)
	}
	slices.SortFunc(kinds, func(a, b RefusedKind) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Kind, b.Kind))
	})
	return kinds
}

// ColumnsText is the mapping in the order of the fields, with the headers in
// quotes: case_id="Ticket", stage="Step". It is "" when there is none.
func (s *Summary) ColumnsText() string {
	var pairs []string
	for _, name := range fieldNames {
		if header, ok := s.Columns[name]; ok {
			pairs = append(pairs, fmt.Sprintf("%s=%q", name, cut(header, 60)))
		}
	}
	return strings.Join(pairs, ", ")
}

// String is the refusal as one line for people.
func (r Refusal) String() string {
	return place(r.Line, r.Trace, r.Event) + ": " + r.Reason
}

func place(line, trace, event int64) string {
	if event == 0 {
		return fmt.Sprintf("line %d", line)
	}
	return fmt.Sprintf("line %d (trace %d, event %d)", line, trace, event)
}

func (s *Summary) refuse(rec *record, f *fault, keep int) {
	s.Refused++
	if s.Reasons == nil {
		s.Reasons = map[string]int64{}
	}
	s.Reasons[f.kind]++
	if len(s.Refusals) < keep || s.Reasons[f.kind] <= examplesPerKind {
		s.Refusals = append(s.Refusals, Refusal{
			Line: rec.line, Trace: rec.trace, Event: rec.event, Kind: f.kind, Reason: f.reason,
		})
	}
}

// warnings tells what was taken although it looks doubtful.
func (j *job) warnings(b *builder) []string {
	var w []string
	if l, ok := j.log.(*csvLog); ok && l.text == gb18030 {
		w = append(w, "the file is not UTF-8; it was read as GB18030 (GBK)")
	}
	if l, ok := j.log.(*xlsxLog); ok && len(l.left) > 0 {
		w = append(w, fmt.Sprintf("the workbook has further sheets: %q was read, %s not; choose one with --sheet", cut(l.sheet, 60), quoteAll(l.left)))
	}
	w = append(w, j.clock.warnings()...)
	if b.early > 0 {
		w = append(w, fmt.Sprintf("%d events lie before 1990, the first in %s; they were taken as they are", b.early, b.firstEarly))
	}
	if b.dateOnly > 0 {
		w = append(w, fmt.Sprintf("%d times have no time of day, the first in %s; 00:00 was taken", b.dateOnly, b.firstDateOnly))
	}
	if j.summary.Read == 0 {
		w = append(w, "the file holds no events")
	}
	return w
}
