package register

import (
	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
)

// The figures of liaison items.
const (
	Raised     = "raised"      // items raised in the period
	Routed     = "routed"      // share of items routed within the limit
	OnTheSpot  = "on_the_spot" // share of the items closed in the period that were closed on the day on which they were raised
	Closed     = "closed"      // items closed in the period
	ClosedKept = "closed_kept" // share of items closed within the limit
	TimeTo     = "time_to"     // from the beginning of what was closed in the period to its end, working time
	Open       = "open"        // open at the end of the period
)

// processOf are the lives of a process.
func processOf(lives []life, process string) []life {
	var all []life
	for i := range lives {
		if lives[i].Process == process {
			all = append(all, lives[i])
		}
	}
	return all
}

func (b *builder) liaison(r *handbook.LiaisonRegister, lives []life) {
	lives = processOf(lives, r.Process)
	b.count(Raised, b.begun(lives))
	b.kept(Routed, lives, r.Routed)
	closed := b.ended(lives)
	b.count(Closed, closed)
	b.kept(ClosedKept, lives, r.Closed)
	b.sameDay(closed)
	b.times(TimeTo, calendar.Working, whole(closed))
	b.count(Open, stillOpen(lives))
}

// sameDay adds the share of what was closed that was closed on its first day.
func (b *builder) sameDay(closed []*life) {
	var hits uint64
	cal := b.office.Calendar
	for _, l := range closed {
		state := Late
		if cal.DateAt(l.started) == cal.DateAt(l.completed) {
			state = Kept
			hits++
		}
		b.note(l, OnTheSpot, state)
	}
	b.rate(OnTheSpot, hits, uint64(len(closed)))
	b.unlit(OnTheSpot) // nobody promised it
}

// unlit takes the light off a figure.
func (b *builder) unlit(figure string) {
	for i := range b.register.Figures {
		if b.register.Figures[i].Figure == figure {
			b.register.Figures[i].Light = Unlit
		}
	}
}

// begun are the cases that began in the period.
func (b *builder) begun(lives []life) []*life {
	var all []*life
	for i := range lives {
		if b.office.within(lives[i].started) {
			all = append(all, &lives[i])
		}
	}
	return all
}

// ended are the cases that were completed in the period.
func (b *builder) ended(lives []life) []*life {
	var all []*life
	for i := range lives {
		if l := &lives[i]; !l.completed.IsZero() && b.office.within(l.completed) {
			all = append(all, l)
		}
	}
	return all
}

// stillOpen are the cases that are open at the end of the period.
func stillOpen(lives []life) []*life {
	var all []*life
	for i := range lives {
		if lives[i].isOpen {
			all = append(all, &lives[i])
		}
	}
	return all
}

// whole are completed cases from their first event to their completion.
func whole(lives []*life) []span {
	spans := make([]span, len(lives))
	for i, l := range lives {
		spans[i] = span{l, l.started, l.completed}
	}
	return spans
}
