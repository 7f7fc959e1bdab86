package demo

import (
	"time"

	"example.com/officepulse/ingest/event"
)

// Elapsed hours in emergencies, before and after the manual; the review comes
// in working time.
var (
	respond     = spread{40.0 / 60, 0.6}
	respondNow  = spread{18.0 / 60, 0.5}
	notifyAll   = spread{0.3, 0.5}
	resolve     = spread{30, 0.6}
	resolveNow  = spread{18, 0.6}
	reviewAfter = spread{20, 0.5}
)

// emergency leads an emergency from its report to its review.
func (t *tale) emergency(f *flow, at time.Time) {
	w := t.start(f, at, []string{"production", "logistics", "safety", "procurement"}[f.r.IntN(4)])
	own := t.people.head(w.matter.department)
	duty := t.people.someone(office)
	w.matter.attributes = map[string]string{"level": "3"}
	if w.matter.department == "procurement" {
		w.matter.attributes = map[string]string{"level": "3", "type": "supplier_stop", "supplier": t.failing()}
	}
	w.step("report", event.Submit, own)
	w.now = at.Add(f.draw(w.choose(respond, respondNow)))
	w.step("activate", event.Start, duty)
	w.now = w.now.Add(f.draw(notifyAll))
	w.step("notify", event.Notify, duty)
	w.now = w.now.Add(f.draw(w.choose(resolve, resolveNow)))
	w.step("handle", event.Complete, own)
	w.work(reviewAfter)
	w.step("review", event.Complete, duty)
	t.finish(f, w.matter)
}

// incidents tells the two events that the register of changes refers to.
func (t *tale) incidents(day time.Time) {
	switch day.Format(time.DateOnly) {
	case "2025-07-28":
		t.equipmentDelay()
	case "2025-10-13":
		t.supplierStop()
	}
}

// equipmentDelay is the purchase of August 2025 that its papers held up for a
// week, and that led to the guide for special equipment.
func (t *tale) equipmentDelay() {
	f := t.flow("special_procurement")
	w := t.start(f, t.date(2025, 7, 28).Add(9*time.Hour+40*time.Minute), "r_and_d")
	author, reviewer := t.people.someone("r_and_d"), t.people.someone(office)
	at := func(day int, action event.Action, stage string, actor *person) {
		w.now = t.date(2025, 8, day).Add(15*time.Hour + time.Duration(7*day)*time.Minute)
		w.step(stage, action, actor)
	}
	w.step("application", event.Submit, author)
	w.due(w.workingDays(5))
	at(4, event.Return, "review", reviewer)
	at(5, event.Submit, "application", author)
	at(6, event.Return, "review", reviewer)
	at(7, event.Submit, "application", author)
	at(8, event.Approve, "review", reviewer)
	at(20, event.Complete, "purchase", t.people.someone("procurement"))
	t.tell(f, w.matter, completed)
}

// supplierStop is the failure of a supplier in October 2025, overcome in three
// days without a line standing still.
func (t *tale) supplierStop() {
	f := t.flow("emergency")
	begin := t.date(2025, 10, 13).Add(9*time.Hour + 12*time.Minute)
	w := t.start(f, begin, "procurement")
	own, duty := t.people.head("procurement"), t.people.head(office)
	w.matter.attributes = map[string]string{"level": "3", "type": "supplier_stop", "supplier": "supplier-04"}
	after := func(d time.Duration, action event.Action, stage string, actor *person) {
		w.now = begin.Add(d)
		w.step(stage, action, actor)
	}
	after(0, event.Submit, "report", own)
	after(35*time.Minute, event.Start, "activate", duty)
	after(50*time.Minute, event.Notify, "notify", duty)
	after(3*24*time.Hour+6*time.Hour, event.Complete, "handle", own)
	after(9*24*time.Hour+5*time.Hour, event.Complete, "review", duty)
	t.tell(f, w.matter, completed)
}
