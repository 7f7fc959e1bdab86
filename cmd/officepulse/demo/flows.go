package demo

import (
	"time"

	"example.com/officepulse/ingest/event"
)

// leg is one stage of a plain process.
type leg struct {
	stage         string
	action        event.Action
	by            string // department that acts; "" for the case's own, anyone for any
	before, after spread // of working time; a zero after is as before
	waits         bool   // waiting and working can be told apart
	returns       shift  // probability that the papers go back to the first stage
}

const anyone = "*"

// allFlows lists what the office does, with the volumes, changes and faults of
// DOMAIN.md §5. Where that page names no duration, liaison items' and test
// reports' faults or the rarer processes' faults, they are this story's own,
// chosen so that the half-year's error rates differ by 40 %.
func (t *tale) allFlows() []*flow {
	manual := t.date(2026, 4, 1)
	flows := []*flow{
		{process: "doc_approval", volume: 300, change: t.date(2026, 3, 2), faults: shift{0.085, 0.055}, steps: 10, plan: t.approval},
		{process: "archive", change: manual, faults: shift{0.060, 0.033}, steps: 3}, // follows signing
		{process: "meeting", volume: 150, change: t.date(2026, 2, 2), faults: shift{0.120, 0.060}, steps: 9, plan: t.meeting},
		{process: "supplies", volume: 180, weight: t.planned, change: manual, faults: shift{0.100, 0.055}, bump: t.supplyDip, plan: t.plan(plannedSupplies)},
		{process: "supplies", volume: 180, weight: t.adHoc, change: manual, faults: shift{0.100, 0.055}, bump: t.supplyDip, plan: t.plan(adHocSupplies)},
		{process: "seal", volume: 300, change: manual, faults: shift{0.030, 0.020}, plan: t.plan(seal)},
		{process: "incoming", volume: 120, change: manual, faults: shift{0.050, 0.034}, plan: t.plan(incoming)},
		{process: "data_request", volume: 60, change: t.date(2026, 4, 13), faults: shift{0.070, 0.050}, plan: t.plan(dataRequest)},
		{process: "supervision", volume: 30, change: manual, faults: shift{0.080, 0.060}, plan: t.plan(supervision)},
		{process: "liaison_item", volume: 45, since: t.date(2026, 4, 13), weight: mondays, faults: shift{before: 0.016}, plan: t.plan(liaisonItem)},
		{process: "test_report", volume: 25, since: t.date(2026, 5, 18), faults: shift{before: 0.015}, plan: t.plan(testReport)},
		{process: "reception", volume: 12, change: manual, faults: shift{0.090, 0.070}, plan: t.plan(reception)},
		{process: "special_procurement", volume: 4, change: t.date(2025, 8, 18), faults: shift{0.100, 0.050}, plan: t.plan(specialProcurement)},
		{process: "emergency", volume: 1.5, change: manual, faults: shift{0.100, 0.060}, urgent: true, steps: 5, plan: t.emergency},
		{process: "template_7f3a", volume: unknownShare * 1420, unknown: true, plan: t.plan(template)},
	}
	for i, f := range flows {
		f.r = t.random(f.process + pad(i, 2))
		f.decks = make(map[spread]*deck)
		f.quota, f.dismissed = newQuota(f.r), newQuota(f.r)
		f.kinds = kinds[f.process]
	}
	return flows
}

func (t *tale) planned(day time.Time) float64 { return (1 - t.adHocShare(day)) * t.planDays(day) }

func (t *tale) adHoc(day time.Time) float64 {
	return t.adHocShare(day) * weekday(day) / workdaysAMonth
}

func (t *tale) adHocShare(day time.Time) float64 {
	return shift{0.35, 0.08}.at(effect(t.date(2026, 4, 1), day))
}

// supplyDip is the first month of the manual, in which supplies go worse before
// they go better.
func (t *tale) supplyDip(start time.Time) float64 {
	if start.Before(t.date(2026, 4, 1)) || !start.Before(t.date(2026, 5, 1)) {
		return 1
	}
	return 1.9
}

// route is a plain process: its legs in order, the first being the request.
type route struct {
	legs       []leg
	department string  // whose cases these are; "" for any
	limit      float64 // working days; 0 for none
	byTheFifth bool    // the limit is the fifth of the month
	redo       spread  // working time until returned papers come back
	attributes map[string]string
}

var (
	supplyLegs = []leg{
		{stage: "plan", action: event.Submit},
		{stage: "plan", action: event.Approve, by: office, before: spread{4, 0.7}, after: spread{3, 0.6}},
		{stage: "purchase", action: event.Complete, by: "procurement", before: spread{24, 0.5}, after: spread{20, 0.45}},
		{stage: "receipt", action: event.Check, by: "logistics", before: spread{4, 0.6}},
		{stage: "issue", action: event.Complete, by: office, before: spread{6, 0.7}, after: spread{4, 0.6}},
	}
	plannedSupplies = route{legs: supplyLegs, attributes: map[string]string{"order": "planned"}, byTheFifth: true}
	adHocSupplies   = route{legs: supplyLegs, attributes: map[string]string{"order": "ad_hoc"}}

	seal = route{legs: []leg{
		{stage: "application", action: event.Submit},
		{stage: "approval", action: event.Approve, before: spread{3.5, 0.8}, after: spread{2.6, 0.7}},
		{stage: "stamp", action: event.Complete, by: office, before: spread{0.3, 0.5}},
		{stage: "register", action: event.Complete, by: office, before: spread{0.1, 0.5}},
	}}

	incoming = route{limit: 7, legs: []leg{
		{stage: "receive", action: event.Submit, by: office},
		{stage: "register", action: event.Complete, by: office, before: spread{0.5, 0.5}},
		{stage: "first_review", action: event.Approve, by: office, before: spread{3, 0.7}, after: spread{2.5, 0.6}},
		{stage: "handle", action: event.Complete, before: spread{8, 0.7}, waits: true},
		{stage: "circulate", action: event.Notify, by: anyone, before: spread{2, 0.7}},
		{stage: "circulate", action: event.Notify, by: anyone, before: spread{2, 0.7}},
		{stage: "reply", action: event.Complete, by: office, before: spread{2, 0.7}},
	}}

	dataRequest = route{limit: 1, legs: []leg{
		{stage: "request", action: event.Submit},
		{stage: "collect", action: event.Complete, by: "finance", before: spread{9, 0.9}, after: spread{5, 0.7}, waits: true},
		{stage: "deliver", action: event.Complete, by: office, before: spread{0.5, 0.5}},
	}}

	supervision = route{limit: 15, legs: []leg{
		{stage: "register", action: event.Submit, by: office},
		{stage: "assign", action: event.Notify, by: office, before: spread{1, 0.6}},
		{stage: "track", action: event.Check, by: office, before: spread{32, 0.6}},
		{stage: "track", action: event.Check, by: office, before: spread{32, 0.6}},
		{stage: "report", action: event.Complete, before: spread{8, 0.6}},
		{stage: "close_out", action: event.Close, by: office, before: spread{4, 0.6}},
	}}

	liaisonItem = route{limit: 5, legs: []leg{
		{stage: "raise", action: event.Submit},
		{stage: "route", action: event.Transfer, by: office, before: spread{0.5, 0.6}},
		{stage: "handle", action: event.Close, by: anyone, before: spread{14, 0.8}, waits: true},
	}}

	testReport = route{department: "sales", limit: 1, legs: []leg{
		{stage: "request", action: event.Submit},
		{stage: "reply", action: event.Complete, by: "quality", before: spread{3.5, 0.5}, waits: true},
	}}

	reception = route{legs: []leg{
		{stage: "plan", action: event.Submit},
		{stage: "approval", action: event.Approve, by: office, before: spread{3, 0.7}},
		{stage: "arrange", action: event.Complete, by: office, before: spread{8, 0.6}},
		{stage: "host", action: event.Complete, before: spread{24, 0.5}},
		{stage: "settle", action: event.Complete, by: office, before: spread{8, 0.6}},
	}}

	// The guide of August 2025 took first-pass yield from 45 to 90 %.
	specialProcurement = route{department: "r_and_d", limit: 5, redo: spread{16, 0.6}, legs: []leg{
		{stage: "application", action: event.Submit},
		{stage: "review", action: event.Approve, by: office, before: spread{12, 0.6}, returns: shift{0.55, 0.10}},
		{stage: "purchase", action: event.Complete, by: "procurement", before: spread{60, 0.5}},
	}}

	template = route{legs: []leg{
		{stage: "node_1", action: event.Submit},
		{stage: "node_2", action: event.Approve, before: spread{4, 0.8}},
		{stage: "node_3", action: event.Complete, by: office, before: spread{4, 0.8}},
	}}
)

// fifth is the end of the day by which a month's supply plan is due: the fifth
// or the first working day after it.
func (t *tale) fifth(at time.Time) time.Time {
	local := at.In(t.zone)
	day := t.date(local.Year(), local.Month(), 5)
	for !t.calendar.Workday(day) {
		day = day.AddDate(0, 0, 1)
	}
	return day.AddDate(0, 0, 1)
}

// plan leads cases along a route.
func (t *tale) plan(r route) func(*flow, time.Time) {
	return func(f *flow, at time.Time) {
		department := r.department
		if department == "" {
			department = t.people.requester()
		}
		w := t.start(f, at, department)
		w.matter.attributes = r.attributes
		for i := range r.legs {
			w.leg(&r, i)
			if i > 0 {
				continue
			}
			switch {
			case r.byTheFifth:
				w.due(t.fifth(at))
			case r.limit > 0:
				w.due(w.workingDays(r.limit))
			}
		}
		if f.process == "supervision" {
			t.extended(w.matter)
		}
		t.finish(f, w.matter)
	}
}

// mostReturns ends a run of bad luck: by then someone picks up the telephone.
const mostReturns = 4

func (w *walk) leg(r *route, i int) {
	l := &r.legs[i]
	took := l.before
	if w.changed && l.after != (spread{}) {
		took = l.after
	}
	returned := l.returns.before
	if w.changed {
		returned = l.returns.after
	}
	actor := w.actor(l.by)
	switch {
	case i == 0: // the request opens the case: no time has passed
	case l.waits:
		w.workAfterWaiting(took, l.stage, actor)
	default:
		w.work(took)
	}
	for n := 0; n < mostReturns && returned > 0 && w.r.Float64() < returned; n++ {
		w.step(l.stage, event.Return, actor)
		w.work(r.redo)
		w.step(r.legs[0].stage, event.Submit, w.matter.steps[0].actor)
		w.work(took)
	}
	w.step(l.stage, l.action, actor)
}

func (w *walk) actor(by string) *person {
	switch by {
	case "":
		return w.tale.people.someone(w.matter.department)
	case anyone:
		return w.tale.people.someone(w.tale.people.requester())
	default:
		return w.tale.people.someone(by)
	}
}
