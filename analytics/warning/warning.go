// Package warning says before it is too late that something goes wrong (风险预警):
// what happened by day comes in, warnings that are raised and cleared come out,
// with how often rules of the past were right.
//
// A rule reads a value of its subject at a moment (see [Readings]) from what is
// known by then and nothing later. It warns from one threshold on and no longer
// from another (hysteresis), and only on enough cases; where chance alone could
// have done it, it stays silent.
package warning

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
)

// Reading is what a rule reads of a subject at a moment.
type Reading struct {
	Rule    string
	Subject string // process, process/stage, source or wave
	At      time.Time
	Value   float64 // in the rule's unit, see the keys in package handbook
	N       uint64  // what it rests on
	Chance  float64 // how likely chance alone makes it as large; 0 where that is not asked

	detail string  // who or what, where that must not be told to all
	base   float64 // what the value is compared with
	sigma  float64 // of a control chart
}

// mostChance is how likely chance may make a warning.
const mostChance = 0.0005

// Change is what a reading does to the warning about its subject.
type Change int

// The changes.
const (
	Stays Change = iota
	Raises
	Clears
)

// Next says what a reading does where a warning is open or not.
func Next(s handbook.WarningSetting, open bool, r Reading) Change {
	beyond := func(threshold float64) bool {
		if handbook.WarnsBelow(r.Rule) {
			return r.Value < threshold
		}
		return r.Value >= threshold
	}
	switch {
	case open && (s.Off || !beyond(s.Clear)):
		return Clears
	case !open && !s.Off && beyond(s.Raise) && r.N >= uint64(max(0, s.MinN)) && r.Chance <= mostChance:
		return Raises
	default:
		return Stays
	}
}

// Wave is a survey that is taking answers.
type Wave struct {
	Key                string
	Opens, Closes      time.Time
	Expected, Answered uint64
}

// Watch is by what warnings are told.
type Watch struct {
	Handbook *handbook.Handbook
	Calendar *calendar.Calendar
}

// nextDay is when the next working day ends.
func (w *Watch) nextDay(at time.Time) time.Time {
	d := w.Calendar.WorkdayFrom(w.Calendar.DateAt(at) + 1)
	return (d + 1).In(w.Calendar.Zone())
}

// Moment is the moment at, as a pulse counts near-due cases.
func (w *Watch) Moment(at time.Time) analytics.PulseMoment {
	return analytics.PulseMoment{At: at, Until: w.nextDay(at)}
}

// Evenings are the moments at which rules are gone through in the past: the end
// of each working day.
func (w *Watch) Evenings(from, to time.Time) []analytics.PulseMoment {
	var all []analytics.PulseMoment
	cal := w.Calendar
	for d := cal.DateAt(from); d.In(cal.Zone()).Before(to); d++ {
		day := cal.On(d)
		if !day.Workday {
			continue
		}
		at := d.In(cal.Zone()).Add(time.Duration(day.Hours[len(day.Hours)-1].To) * time.Second)
		if !at.Before(from) && at.Before(to) {
			all = append(all, w.Moment(at))
		}
	}
	return all
}

// Readings are what every rule reads at a moment, in the order of rules and
// subjects.
func (w *Watch) Readings(p *analytics.Pulse, at time.Time, waves []Wave) []Reading {
	all := slices.Concat(
		w.nearDue(p, at), w.p90Rising(p, at), w.onePerson(p, at), w.errorCluster(p, at), responseLow(at, waves), w.sourceSilent(p, at), w.controlSignal(p, at))
	slices.SortStableFunc(all, func(a, b Reading) int {
		place := func(r Reading) int { return slices.Index(handbook.WarningKeys(), r.Rule) }
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.Subject, b.Subject))
	})
	return all
}

// Process is the process that a subject is about, and the stage if it is of one.
func Process(rule, subject string) (process, stage string) {
	switch rule {
	case handbook.ResponseLow, handbook.SourceSilent:
		return "", ""
	case handbook.ErrorCluster:
		process, stage, _ = strings.Cut(subject, "/")
		return process, stage
	default:
		return subject, ""
	}
}
