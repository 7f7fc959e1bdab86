package register

import (
	"time"

	"example.com/officepulse/analytics/handbook"
)

// judge says what a case is to those of the process's limits, named by their
// keys, that hold for it: [Kept] when all were kept, [Overdue] when one is not
// done and its time is over, else [Late] when one was late, else [Pending]; ""
// when none holds or has begun. counts reports whether the period counts it: all
// was settled in it, or something was overdue at its end. It is the rule of the
// on-time rate (promises_made.sql), for several limits taken together.
func (o *Office) judge(l *life, keys []string) (state State, counts bool) {
	if l.withdrawn {
		return "", false
	}
	var settled time.Time
	for _, key := range keys {
		limit, ok := l.process.Limit(key)
		if _, known := l.version.Process(l.Process); !ok || !known || !l.holds(&limit) {
			continue
		}
		s, at := o.judgeOne(l, &limit)
		state = graver(state, s)
		if at.After(settled) {
			settled = at
		}
	}
	switch state {
	case "", Pending:
		return state, false
	case Overdue:
		return state, true
	default:
		return state, o.within(settled)
	}
}

// graver is the state of two limits together.
func graver(a, b State) State {
	for _, s := range []State{Overdue, Late, Pending, Kept} {
		if a == s || b == s {
			return s
		}
	}
	return ""
}

// holds reports whether a limit is about the case.
func (l *life) holds(limit *handbook.Limit) bool {
	if limit.Class != "" && limit.Class != l.Class {
		return false
	}
	for name, value := range limit.Where {
		if l.attributes[name] != value {
			return false
		}
	}
	return true
}

// judgeOne says what the case is to one limit, and when that was settled: done
// or, where a case that is over left it out, at the case's end.
func (o *Office) judgeOne(l *life, limit *handbook.Limit) (State, time.Time) {
	begun := l.started
	if limit.From != nil {
		var ok bool
		if begun, ok = l.first(*limit.From, time.Time{}); !ok {
			return "", time.Time{}
		}
	}
	own, ok := l.promised(limit)
	if !ok {
		return "", time.Time{}
	}
	done := l.completed
	for i, s := range limit.To {
		at, ok := l.first(s, begun)
		if !ok {
			done = time.Time{}
			break
		}
		if i == 0 || at.After(done) {
			done = at
		}
	}
	kept := func(at time.Time) bool { return l.version.OnTime(limit, o.Calendar, begun, at, own) }
	switch end := o.end(); {
	case !begun.Before(end):
		return "", time.Time{}
	case !done.IsZero() && done.Before(end) && kept(done):
		return Kept, done
	case !done.IsZero() && done.Before(end):
		return Late, done
	case done.IsZero() && !l.completed.IsZero() && l.completed.Before(end):
		if kept(o.Now) { // left out, but its time is not over
			return Pending, time.Time{}
		}
		return Late, l.completed
	case kept(end):
		return Pending, time.Time{}
	default:
		return Overdue, end
	}
}

// promised is the time that the case's own events name, where the limit goes by it.
func (l *life) promised(limit *handbook.Limit) (own time.Time, ok bool) {
	switch limit.Form() {
	case handbook.FormBefore:
		own, err := time.Parse(time.RFC3339, l.attributes[limit.Planned])
		return own, err == nil
	case handbook.FormDueAt:
		if limit.DueAt == "original" {
			return l.original, !l.original.IsZero()
		}
		return l.due, !l.due.IsZero()
	default:
		return own, true
	}
}

// Attributes are the names of attributes by which the registers of a handbook
// judge, in any of its versions.
func Attributes(hb *handbook.Handbook) []string {
	var all []string
	seen := map[string]bool{"": true}
	add := func(names ...string) {
		for _, name := range names {
			if !seen[name] {
				seen[name] = true
				all = append(all, name)
			}
		}
	}
	r := &hb.Registers
	if r.Blockers != nil {
		add(r.Blockers.Project)
	}
	if r.Suppliers != nil {
		add(r.Suppliers.Supplier, r.Suppliers.Rating)
		for name := range r.Suppliers.Where {
			add(name)
		}
	}
	if r.Supervision != nil {
		add(r.Supervision.Progress)
	}
	processes := map[string]bool{}
	for _, key := range r.Processes() {
		processes[key] = true
	}
	for _, v := range hb.History().Versions() {
		for i := range v.Processes {
			p := &v.Processes[i]
			if !processes[p.Key] {
				continue
			}
			for j := range p.Limits {
				add(p.Limits[j].Planned)
				for name := range p.Limits[j].Where {
					add(name)
				}
			}
		}
	}
	return all
}
