package demo

import (
	"math"
	"time"

	"example.com/officepulse/ingest/event"
)

// Working time of an approval's stages (DOMAIN.md §5). In March 2026 approvals
// were simplified: the decision layer signs core documents only, countersigning
// is for core documents and by one department.
var (
	atHead         = spread{3.0, 0.9}
	atCountersign  = spread{3.0, 0.8}
	atOffice       = spread{2.5, 0.7}
	atOfficeNow    = spread{3.0, 0.8} // it decides more by itself
	atLeadership   = spread{4.5, 1.0}
	redraft        = spread{2.0, 0.7}
	reviewAgain    = spread{3.0, 0.8}
	approvalReturn = shift{0.18, 0.08}
	countersigners = []float64{0.25, 0.40, 0.25, 0.10} // for 1, 2, 3, 4 departments
)

const (
	coreShare     = 0.22
	archivedShare = 0.90 // of the signed documents; the rest need no file
)

// The classes are shared by all cases: attributes are read only.
var (
	core    = map[string]string{event.AttributeClass: "core"}
	nonCore = map[string]string{event.AttributeClass: "non_core"}
)

// approval leads a document from its draft to its signature, and a signed one
// into the archive.
func (t *tale) approval(f *flow, at time.Time) {
	w := t.start(f, at, t.people.requester())
	own := w.matter.department
	isCore := w.r.Float64() < coreShare
	limit := 2.0
	w.matter.attributes = nonCore
	if isCore {
		w.matter.attributes, limit = core, 3
	}
	author := t.people.someone(own)
	w.step("draft", event.Submit, author)
	w.due(w.workingDays(limit))

	returned := w.returnedBy(isCore)
	w.work(atHead)
	w.decide("department_head", t.people.head(own), author, returned)
	w.meetChange() // documents on their way when the rules changed go on by the new ones
	for _, d := range t.people.countersigners(w.countersigners(isCore), own) {
		w.work(atCountersign)
		w.step("countersign", event.Approve, t.people.someone(d))
	}
	reviewer := t.people.someone(office)
	w.workAfterWaiting(w.choose(atOffice, atOfficeNow), "office_review", reviewer)
	w.decide("office_review", reviewer, author, returned)
	w.meetChange()
	if returned == "sign" { // a decision maker sends it back, and gets it again
		w.work(atLeadership)
		w.step("sign", event.Return, t.people.someone(leadership))
		w.work(redraft)
		w.step("draft", event.Submit, author)
	}
	w.sign(isCore)
	if t.finish(f, w.matter) && w.r.Float64() < archivedShare {
		t.archive(w.matter, w.now)
	}
}

// returnedBy is the stage that will send the draft back, "" for none. Of the core
// documents some get as far as the decision layer before.
func (w *walk) returnedBy(isCore bool) string {
	chance := approvalReturn.before
	if w.changed {
		chance = approvalReturn.after
	}
	if w.r.Float64() >= chance {
		return ""
	}
	at := []string{"department_head", "office_review"}[w.r.IntN(2)]
	if isCore && math.Mod(10*w.luck, 1) < 0.4 {
		return "sign"
	}
	return at
}

// countersigners is how many departments a document goes to.
func (w *walk) countersigners(isCore bool) int {
	switch {
	case !w.changed:
		return 1 + pick(w.r, countersigners)
	case isCore:
		return 1
	default:
		return 0
	}
}

// decide approves, after sending the draft back once if this is where it is returned.
func (w *walk) decide(stage string, actor, author *person, returned string) {
	if returned == stage {
		w.step(stage, event.Return, actor)
		w.work(redraft)
		w.step("draft", event.Submit, author)
		w.work(reviewAgain)
	}
	w.step(stage, event.Approve, actor)
}

// sign is by the decision layer; of non-core documents since the change by the
// office, in the same sitting as its review.
func (w *walk) sign(isCore bool) {
	if w.changed && !isCore {
		w.now = w.tale.calendar.Add(w.now, time.Duration(20+w.r.IntN(160))*time.Second)
		w.step("sign", event.Sign, w.tale.people.head(office))
		return
	}
	signer := w.tale.people.someone(leadership)
	w.workAfterWaiting(atLeadership, "sign", signer)
	w.step("sign", event.Sign, signer)
}
