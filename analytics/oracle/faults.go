package oracle

import (
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/ingest/event"
)

// fault is a fault that counts.
type fault struct {
	process, caseID, stage, department, kind string
	found                                    time.Time
}

// count makes a fault of its reports, in order; ok is false when the last of
// them does not say that it is one.
func count(reports []event.Event) (f fault, ok bool) {
	last := reports[len(reports)-1].Fault
	f = fault{process: last.Process, kind: last.Kind, stage: missing, department: missing, found: reports[0].Time}
	said := false // when it was found
	for _, r := range reports {
		if !r.Fault.FoundAt.IsZero() && !said {
			f.found, said = r.Fault.FoundAt, true
		}
		if r.Fault.CaseID != "" {
			f.caseID = r.Fault.CaseID
		}
		if r.Fault.Stage != "" {
			f.stage = r.Fault.Stage
		}
		if d := r.Fault.Department; d != "" && d != missing {
			f.department = d
		}
	}
	return f, last.Status == event.Confirmed || last.Status == event.Corrected
}

func (f fault) key(by analytics.By) string {
	switch by {
	case analytics.ByProcess:
		return f.process
	case analytics.ByStage:
		return f.stage
	case analytics.ByDepartment:
		return f.department
	default:
		return f.kind
	}
}

func (o *Oracle) faultSamples(q analytics.Query) []sample {
	var samples []sample
	for _, f := range o.faults {
		if within(q, f.found) && chosen(q.Process, f.process) && chosen(q.Department, f.department) && chosen(q.Stage, f.stage) {
			samples = append(samples, sample{key: f.key(q.By), at: f.found})
		}
	}
	return samples
}
