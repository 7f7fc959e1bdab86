package register

import (
	"slices"
	"strconv"
	"time"

	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
)

// The figures of supervision, besides [Open] and [Closed].
const (
	LightRed       = "red"           // open at the end of the period and past the date that holds
	LightYellow    = "yellow"        // open and behind its schedule, or sent back
	LightBlue      = "blue"          // open and near its date
	OriginalKept   = "original_kept" // of those due in the period by their first date, the share closed by it
	HoldingKept    = "holding_kept"  // of those due in the period by the date that holds, the share closed by it
	Extended       = "extended"      // extensions granted in the period
	AskedInTime    = "asked_in_time" // share of these that were asked for before the date was over
	OverdueTime    = "overdue_time"  // how far past the date that holds, working time: of what was closed late in the period, and of what is red
	fullPercentage = 100
)

// extension is a later date for an item.
type extension struct {
	at, asked, was, to time.Time
}

// extensions are those of a case, in order.
func (l *life) extensions(asked *handbook.Step) []extension {
	var all []extension
	var due, request time.Time
	for i := range l.then {
		e := &l.then[i]
		if asked != nil && e.Stage == asked.Stage && e.Action == asked.Action && request.IsZero() && !due.IsZero() {
			request = e.Time
		}
		if e.Due.IsZero() {
			continue
		}
		if !due.IsZero() && e.Due.After(due) {
			x := extension{at: e.Time, asked: e.Time, was: due, to: e.Due}
			if !request.IsZero() {
				x.asked = request
			}
			all = append(all, x)
			request = time.Time{}
		}
		due = e.Due
	}
	return all
}

// holding is the due date that holds: the last one as long as every extension
// was asked for in time, else the one before the first that was not. A date that
// was set earlier than before holds at once.
func (l *life) holding(extensions []extension) time.Time {
	for _, x := range extensions {
		if x.asked.After(x.was) {
			return x.was
		}
	}
	return l.dueThen
}

func (b *builder) supervision(r *handbook.SupervisionRegister, lives []life) {
	lives = processOf(lives, r.Process)
	near := b.office.Handbook.WorkingTime(r.Near)
	lit := map[Light][]*life{}
	var original, holding, asked share
	var extended []*life
	var late []span
	end := b.office.end()
	for i := range lives {
		l := &lives[i]
		if l.withdrawn && !l.isOpen {
			continue
		}
		extensions := l.extensions(r.Asked)
		due := l.holding(extensions)
		if l.isOpen {
			light := b.itemLight(r, l, due, near)
			b.item(l).Light = light
			if light != Green && light != Unlit {
				lit[light] = append(lit[light], l)
			}
		}
		original.add(b, OriginalKept, l, l.original)
		holding.add(b, HoldingKept, l, due)
		for _, x := range extensions {
			if !b.office.within(x.at) {
				continue
			}
			extended = append(extended, l)
			state := Kept
			if x.asked.After(x.was) {
				state = Late
			}
			asked.count(state)
			b.note(l, AskedInTime, state)
		}
		switch {
		case due.IsZero():
		case !l.completed.IsZero() && b.office.within(l.completed) && l.completed.After(due):
			late = append(late, span{l, due, l.completed})
		case l.isOpen && end.After(due):
			late = append(late, span{l, due, end})
		}
		if at, ok := b.at[[2]string{l.Process, l.ID}]; ok && !due.IsZero() {
			b.register.Items[at].Due = instant(due, b.office.Calendar.Zone())
		}
	}
	b.count(Open, stillOpen(lives))
	for _, light := range []Light{Red, Yellow, Blue} {
		b.count(string(light), lit[light])
	}
	b.count(Closed, b.ended(lives))
	b.rate(OriginalKept, original.hits, original.n)
	b.rate(HoldingKept, holding.hits, holding.n)
	b.count(Extended, extended)
	b.rate(AskedInTime, asked.hits, asked.n)
	b.times(OverdueTime, calendar.Working, late)
}

// share counts what was kept of how many.
type share struct{ hits, n uint64 }

func (s *share) count(state State) {
	if s.n++; state == Kept {
		s.hits++
	}
}

// add counts a case whose date lies in the period and is over: the share of what
// was due, whenever it was closed.
func (s *share) add(b *builder, figure string, l *life, due time.Time) {
	if due.IsZero() || l.withdrawn || due.Before(b.office.From) || !due.Before(b.office.To) {
		return
	}
	state := Overdue
	switch closed := !l.completed.IsZero() && l.completed.Before(b.office.end()); {
	case closed && !l.completed.After(due):
		state = Kept
	case closed:
		state = Late
	case !b.office.end().After(due):
		b.note(l, figure, Pending)
		return
	}
	s.count(state)
	b.note(l, figure, state)
}

// itemLight is the light of an open item (三色督办): red past the date that holds,
// yellow behind its schedule or sent back, blue near its date.
func (b *builder) itemLight(r *handbook.SupervisionRegister, l *life, due time.Time, near time.Duration) Light {
	end, cal := b.office.end(), b.office.Calendar
	switch {
	case !due.IsZero() && end.After(due):
		return Red
	case l.sentBack():
		return Yellow
	case due.IsZero():
		return Unlit
	}
	if total := cal.Between(l.started, due); total > 0 {
		scheduled := fullPercentage * float64(cal.Between(l.started, end)) / float64(total)
		if scheduled-l.progress(r.Progress) > r.Behind {
			return Yellow
		}
	}
	if cal.Between(end, due) <= near {
		return Blue
	}
	return Green
}

// sentBack reports whether the last word on the case, remarks aside, was a return.
func (l *life) sentBack() bool {
	for _, v := range slices.Backward(l.then) {
		switch v.Action {
		case "comment", "remind":
		default:
			return v.Action == "return"
		}
	}
	return false
}

// progress is how far the case has come, in per cent: what its events say, else
// the share of its process's stages that it has been through: one that it is in
// counts half.
func (l *life) progress(attribute string) float64 {
	if attribute != "" {
		if said, err := strconv.ParseFloat(l.attributes[attribute], 64); err == nil && said >= 0 && said <= fullPercentage {
			return said
		}
	}
	furthest := -1
	for i := range l.then {
		for at, s := range l.process.Stages {
			if s.Key == l.then[i].Stage {
				furthest = max(furthest, at)
			}
		}
	}
	if furthest < 0 || len(l.process.Stages) == 0 {
		return 0
	}
	return fullPercentage * (float64(furthest) + 0.5) / float64(len(l.process.Stages))
}
