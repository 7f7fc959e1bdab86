package demo

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"

	"example.com/officepulse/analytics/calendar"
)

// tale is a story being told.
type tale struct {
	calendar *calendar.Calendar
	zone     *time.Location
	end      time.Time // nothing at or after it is told
	seed     uint64
	telling  string  // ends the ids of all but the shown story, so that two stories in one store do not become cases of both
	scale    float64 // of preset M's volumes
	facts    Facts

	flows   []*flow
	numbers map[string]int // cases so far, by process and year
	people  people
	trouble trouble
	surveys surveys
	outbox  *outbox

	coordination coordination
}

// random gives every part of the story a stream of its own, so that a change in
// one leaves the others as they are.
func (t *tale) random(part string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(part))                    // a hash takes everything
	return rand.New(rand.NewPCG(t.seed, h.Sum64())) //nolint:gosec // the story must be repeatable, not secret
}

// flow is the one of a process; the first where there are several.
func (t *tale) flow(process string) *flow {
	i := slices.IndexFunc(t.flows, func(f *flow) bool { return f.process == process })
	return t.flows[i]
}

// date is midnight in the office's zone.
func (t *tale) date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, t.zone)
}

// effect is how much of a change has taken hold: 70 % at once, all of it after
// three weeks. A zero change never comes.
func effect(change, at time.Time) float64 {
	if change.IsZero() || at.Before(change) {
		return 0
	}
	return min(1, 0.7+0.3*at.Sub(change).Hours()/(21*24))
}

// shift is a quantity before and after a change.
type shift struct{ before, after float64 }

func (s shift) at(effect float64) float64 { return s.before + effect*(s.after-s.before) }
