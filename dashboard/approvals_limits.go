package dashboard

import (
	"reflect"

	"example.com/officepulse/analytics/handbook"
)

// limitsMoved is the day since which a process has other limits than it had in
// an earlier part of the two stretches; "" when it had the same all along. A
// share kept of a tighter promise is no worse share.
func (r report) limitsMoved(process string) string {
	moved := ""
	versions := r.names.handbook.History().Versions()
	for i := 1; i < len(versions); i++ {
		begins := versions[i].Begins()
		if !begins.After(r.before.From) || !begins.Before(r.now.To) {
			continue
		}
		if !reflect.DeepEqual(limitsOf(versions[i-1], process), limitsOf(versions[i], process)) {
			moved = dayOf(begins, r.fiscal.zone)
		}
	}
	return moved
}

// anyLimitsMoved reports whether a process that the page is about has other
// limits since.
func (r report) anyLimitsMoved() bool {
	if r.filters.Process != "" {
		return r.limitsMoved(r.filters.Process) != ""
	}
	for _, p := range r.names.handbook.History().Processes() {
		if r.limitsMoved(p.Key) != "" {
			return true
		}
	}
	return false
}

func limitsOf(v *handbook.Handbook, process string) []handbook.Limit {
	p, _ := v.Process(process)
	return p.Limits
}

// onTimeMeasure is the share of limits kept, of which more is better as long as
// they are the same limits.
func (r approvalReport) onTimeMeasure() measure {
	m := share()
	if r.limitsMoved(r.lead) != "" {
		m.better, m.chance = neither, nil
	}
	return m
}
