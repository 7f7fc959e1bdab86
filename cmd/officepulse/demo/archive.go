package demo

import (
	"time"

	"example.com/officepulse/ingest/event"
)

// Elapsed hours from signing until both copies are filed, before and after the
// manual that asked for 24 hours.
var (
	filing      = spread{15, 1.0}
	filingNow   = spread{7, 0.7}
	paperSearch = spread{24, 0.5} // working hours until a missing paper copy turns up
)

const paperMissing = 0.03

// archive files a document that was signed at an instant.
func (t *tale) archive(signed *matter, at time.Time) {
	if !at.Before(t.end) {
		return
	}
	f := t.flow("archive")
	w := t.start(f, at, signed.department)
	archivist := t.people.staff[office][1+w.r.IntN(2)]
	w.matter.attributes = map[string]string{"document": signed.id}
	w.step("electronic", event.Submit, archivist)
	w.due(t.rolledForward(at.Add(24 * time.Hour)))
	took := f.draw(w.choose(filing, filingNow))
	electronic := time.Duration(float64(took) * (0.2 + 0.6*w.r.Float64()))
	w.now = at.Add(electronic)
	w.step("electronic", event.Archive, archivist)
	w.now = at.Add(took)
	if w.r.Float64() < paperMissing {
		w.work(paperSearch)
	}
	w.step("paper", event.Archive, archivist)
	t.finish(f, w.matter)
}

// rolledForward moves a limit that falls outside of office hours to when the
// office opens next.
func (t *tale) rolledForward(limit time.Time) time.Time {
	return t.calendar.Add(limit, time.Millisecond).Add(-time.Millisecond)
}
