package importer

import "fmt"

// Summary is what a run did.
type Summary struct {
	Read      int64 // rows below the header, or XES events
	Published int64
	Refused   int64
	Refusals  []Refusal        // the first ones, in the order of the file
	Reasons   map[string]int64 // kind of refusal -> how many; all of them
	Warnings  []string         // what was read but looks doubtful, one sentence each
}

// Refusal is a row that became no event.
type Refusal struct {
	Line   int64  // of the file, from 1; XLSX: the row
	Trace  int64  // XES: number of the trace in the log, from 1; else 0
	Event  int64  // XES: number of the event in the trace, from 1; else 0
	Kind   string // the key it is counted under in Summary.Reasons
	Reason string // what is wrong and what would be right
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
	if len(s.Refusals) < keep {
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
