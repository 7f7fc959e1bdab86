package dashboard

import (
	"fmt"
	"time"
)

// of is what a key is called that stands in an exported column. A stage is one
// of the process or, where that is not known, of the first that has such a stage.
func (n names) of(subject, key, process string) string {
	switch subject {
	case "process":
		return n.process(key)
	case "department":
		return n.department(key)
	case "class":
		return n.class(key)
	case "kind":
		return n.kind(key)
	case "stage":
		return n.anyStage(process, key)
	default:
		return key
	}
}

func (n names) anyStage(process, key string) string {
	if name := n.stage(process, key); name != key || process != "" {
		return name
	}
	for i := range n.handbook.Processes {
		if name := n.stage(n.handbook.Processes[i].Key, key); name != key {
			return name
		}
	}
	return key
}

// label names the time from one instant up to another: a quarter or several,
// else its first and its last day.
func (f fiscal) label(from, to time.Time) string {
	first, last := f.of(from), f.of(to.Add(-time.Nanosecond))
	if !f.start(first).Equal(from) || !f.end(last).Equal(to) {
		final := to.In(f.zone).AddDate(0, 0, -1) // to is exclusive
		return fmt.Sprintf("%s_%s", from.In(f.zone).Format(time.DateOnly), final.Format(time.DateOnly))
	}
	if first == last {
		return first.String()
	}
	return first.String() + "-" + last.String()
}
