package dashboard

import (
	"reflect"

	"example.com/officepulse/analytics/handbook"
)

// limitsMoved is the day since which the process has other limits than it had in
// an earlier part of the two stretches; "" when it had the same all along. A
// share kept of a tighter promise is no worse share.
func (r approvalReport) limitsMoved() string {
	moved := ""
	versions := r.names.handbook.History().Versions()
	for i := 1; i < len(versions); i++ {
		begins := versions[i].Begins()
		if !begins.After(r.before.From) || !begins.Before(r.now.To) {
			continue
		}
		if !reflect.DeepEqual(limitsOf(versions[i-1], r.lead), limitsOf(versions[i], r.lead)) {
			moved = dayOf(begins, r.fiscal.zone)
		}
	}
	return moved
}

func limitsOf(v *handbook.Handbook, process string) []handbook.Limit {
	p, _ := v.Process(process)
	return p.Limits
}

// onTimeMeasure is the share of limits kept, of which more is better as long as
// they are the same limits.
func (r approvalReport) onTimeMeasure() measure {
	m := share()
	if r.limitsMoved() != "" {
		m.better, m.chance = neither, nil
	}
	return m
}
