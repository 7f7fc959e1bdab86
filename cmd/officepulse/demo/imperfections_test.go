package demo_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/officepulse/ingest/event"
)

// The shares are counted from the stream alone, as a receiver sees it.
func TestImperfections(t *testing.T) {
	story := medium(t)
	first := make(map[string]event.Event)
	highest := make(map[string]string) // case -> highest sequence seen
	var clock time.Time                // the latest time seen
	duplicates, late, overtaken := 0, 0, 0
	for _, e := range story.events {
		if copied, again := first[e.ID]; again {
			if !reflect.DeepEqual(copied, e) {
				t.Fatalf("%s was sent again with other content", e.ID)
			}
			duplicates++
			continue
		}
		first[e.ID] = e
		isLate := e.Time.Before(clock.Add(-24 * time.Hour))
		if isLate {
			late++
		}
		if e.Time.After(clock) {
			clock = e.Time
		}
		key := e.Key() + string(e.Type)
		if e.Sequence < highest[key] && !isLate && e.Type == event.TypeTask {
			overtaken++
		}
		highest[key] = max(highest[key], e.Sequence)
	}
	share := func(n int) float64 { return float64(n) / float64(len(first)) }
	within(t, "share of duplicates", share(duplicates), 0.02, 0.001)
	within(t, "share of late events", share(late), 0.01, 0.0015)
	within(t, "share of events out of order", share(overtaken), 0.003, 0.0005)
	if got, want := int64(duplicates), story.facts.Duplicates; got != want {
		t.Errorf("%d duplicates, the facts say %d", got, want)
	}
}

func TestCasesThatComeToNothing(t *testing.T) {
	story := medium(t)
	lastQuarter := time.Date(2026, 7, 1, 0, 0, 0, 0, story.figures.calendar.Zone())
	var completed, withdrawn, open, unknown, faulty, recent, recentOpen int64
	cases := make(map[string]int64)
	for _, c := range story.figures.cases {
		cases[c.process]++
		late := !c.events[0].Time.Before(lastQuarter)
		if late {
			recent++
		}
		switch {
		case strings.HasPrefix(c.process, "template_"):
			unknown++
		case c.withdrawn:
			withdrawn++
		case c.completed.IsZero():
			open++
			if late {
				recentOpen++
			}
		default:
			completed++
		}
		if c.faulty {
			faulty++
		}
	}
	all := float64(len(story.figures.cases))
	within(t, "share withdrawn", float64(withdrawn)/all, 0.04, 0.002)
	within(t, "share of unknown templates", float64(unknown)/all, 0.002, 0.0007)
	within(t, "share open of the last quarter's", float64(recentOpen)/float64(recent), 0.05, 0.01)

	f := story.facts
	got, want := []int64{completed, withdrawn, open, unknown}, []int64{f.Completed, f.Withdrawn, f.Open, f.Unknown}
	if !slices.Equal(got, want) {
		t.Errorf("completed, withdrawn, open, unknown: %d, the facts say %d", got, want)
	}
	if !maps.Equal(cases, f.Cases) {
		t.Errorf("cases %v, the facts say %v", cases, f.Cases)
	}
	if faulty > f.Faulty || faulty < f.Faulty-30 { // the last days' faults are confirmed after the end
		t.Errorf("%d cases are faulty, the facts say %d", faulty, f.Faulty)
	}
}

func TestFaults(t *testing.T) {
	story := medium(t)
	statuses := make(map[event.Status]float64)
	severities := make(map[event.Severity]float64)
	seen := make(map[string]bool)
	kinds := make(map[string]float64)
	meetings := 0.0
	for _, e := range story.events {
		if e.Fault == nil || seen[e.ID] {
			continue
		}
		seen[e.ID] = true
		statuses[e.Fault.Status]++
		if e.Time.Before(e.Fault.FoundAt) {
			t.Fatalf("%s is told before it is found", e.ID)
		}
		if e.Fault.Status != event.Reported {
			continue
		}
		severities[e.Fault.Severity]++
		if e.Fault.Process == "meeting" {
			meetings++
			kinds[e.Fault.Kind]++
		}
	}
	reports := statuses[event.Reported]
	within(t, "share dismissed", statuses[event.Dismissed]/reports, 0.06, 0.01)
	within(t, "share corrected", statuses[event.Corrected]/statuses[event.Confirmed], 0.92, 0.02)
	within(t, "share minor", severities[event.Minor]/reports, 0.70, 0.03)
	within(t, "share critical", severities[event.Critical]/reports, 0.05, 0.015)
	within(t, "share of missed notices in meetings", kinds["notice_missed"]/meetings, 0.40, 0.06)
}
