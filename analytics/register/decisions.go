package register

import (
	"slices"
	"time"

	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
)

// The figures of requests to decision makers.
const (
	Decided     = "decided"      // requests answered in the period, returns included
	DecidedKept = "decided_kept" // share of these, and of those overdue at its end, answered in time
	Returned    = "returned"     // share of the answers that sent the request back
	DecideTime  = "decide_time"  // from the arrival to the answer
	Waiting     = "waiting"      // waiting at the end of the period
)

// request is one time that a case came before decision makers.
type request struct {
	life     *life
	arrived  time.Time
	answered time.Time // zero: it waits
	returned bool
}

// answers are the actions that answer a request.
var answers = []string{"sign", "approve", "complete", "archive", "close", "return", "reject"}

// requests are those of a case at a stage. A request arrives with the event before
// the visit to the stage and is answered by the first event in it that answers.
// A visit that nobody of those who decide had a part in is none.
func (l *life) requests(q *handbook.RequestStage, by []string) []request {
	if l.Process != q.Process || (q.Class != "" && q.Class != l.Class) {
		return nil
	}
	var all []request
	var open *request
	decider := false
	for i := range l.then {
		e := &l.then[i]
		if e.Action == "comment" || e.Action == "remind" {
			continue
		}
		if e.Stage != q.Stage || e.Action == "withdraw" {
			open, decider = nil, false
			continue
		}
		if open == nil {
			open = &request{life: l, arrived: l.before(i)}
		}
		decider = decider || slices.Contains(by, e.ActorDepartment)
		if slices.Contains(answers, e.Action) {
			open.answered, open.returned = e.Time, e.Action == "return" || e.Action == "reject"
			if decider {
				all = append(all, *open)
			}
			open, decider = nil, false
		}
	}
	if l.isOpen && !l.withdrawn {
		switch {
		case open != nil && decider:
			all = append(all, *open)
		case open == nil && l.next() == q.Stage:
			all = append(all, request{life: l, arrived: l.then[len(l.then)-1].Time})
		}
	}
	return all
}

// before is when the event before event i was, remarks aside; that of i itself
// when it is the first.
func (l *life) before(i int) time.Time {
	for j := i - 1; j >= 0; j-- {
		if a := l.then[j].Action; a != "comment" && a != "remind" {
			return l.then[j].Time
		}
	}
	return l.then[i].Time
}

// next is the stage for which an open case waits: that behind its last on the
// route of its class, once the last is done; "" otherwise.
func (l *life) next() string {
	last := l.then[len(l.then)-1]
	route, ok := l.process.Route(l.Class)
	if !ok || !slices.Contains([]string{"approve", "complete", "sign", "submit", "check", "notify"}, last.Action) {
		return ""
	}
	i := slices.Index(route.Stages, last.Stage)
	if i < 0 || i+1 >= len(route.Stages) || slices.Contains(route.MaySkip, route.Stages[i+1]) {
		return ""
	}
	return route.Stages[i+1]
}

func (b *builder) decisions(r *handbook.DecisionsRegister, lives []life) {
	var all []request
	for i := range lives {
		for j := range r.Requests {
			all = append(all, lives[i].requests(&r.Requests[j], r.By)...)
		}
	}
	limit := handbook.Limit{Within: r.Within, Clock: r.Clock}
	end := b.office.end()
	kept := func(q *request, at time.Time) bool {
		return b.office.Handbook.OnTime(&limit, b.office.Calendar, q.arrived, at, time.Time{})
	}
	var decided, waiting []*life
	var inTime, returned share
	var took []span
	for i := range all {
		q := &all[i]
		switch {
		case q.answered.IsZero():
			waiting = append(waiting, q.life)
			if kept(q, end) {
				b.note(q.life, DecidedKept, Pending)
			} else {
				inTime.count(Overdue)
				b.note(q.life, DecidedKept, Overdue)
			}
		case b.office.within(q.answered):
			decided = append(decided, q.life)
			state := Kept
			if !kept(q, q.answered) {
				state = Late
			}
			inTime.count(state)
			b.note(q.life, DecidedKept, state)
			back := Counted // not returned
			if q.returned {
				back = Kept
				b.note(q.life, Returned, Counted)
			}
			returned.count(back)
			took = append(took, span{q.life, q.arrived, q.answered})
		}
	}
	b.count(Decided, decided)
	b.rate(DecidedKept, inTime.hits, inTime.n)
	b.rate(Returned, returned.hits, returned.n)
	b.unlit(Returned) // a return may be the right answer
	clock := calendar.Working
	if r.Clock == calendar.Elapsed {
		clock = calendar.Elapsed
	}
	b.times(DecideTime, clock, took)
	b.count(Waiting, waiting)
}
