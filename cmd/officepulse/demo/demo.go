// Package demo tells the story of an office over two years, from October 2024
// to September 2026, as events: errors fall by two fifths, approvals become
// twice as fast, satisfaction rises from 75 to 92 points. Options and a
// handbook go in, events come out in the order in which they are sent, with
// the imperfections of real sources.
package demo

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/ingest/event"
)

// Version changes whenever the same seed gives other events.
const Version = "2"

// Source is the CloudEvents source of every event of the story.
const Source = "/officepulse/demo"

// DefaultSeed is the seed of the story that is shown.
const DefaultSeed uint64 = 20260930

// Preset is the size of the company.
type Preset string

// The presets: 500, 1,500 and 5,000 staff with about 560, 1,400 and 3,900 cases a month.
const (
	S Preset = "S"
	M Preset = "M"
	L Preset = "L"
)

var scales = map[Preset]float64{S: 0.4, M: 1, L: 2.8}

// ParsePreset reads "S", "M" or "L" in either case.
func ParsePreset(name string) (Preset, error) {
	p := Preset(strings.ToUpper(name))
	if _, known := scales[p]; !known {
		return "", fmt.Errorf("size %q is unknown; use one of S, M, L", name)
	}
	return p, nil
}

// Options choose the story's size. The zero value is the story of preset M.
type Options struct {
	Preset Preset    // "" is M
	Seed   uint64    // 0 is DefaultSeed
	Events int64     // > 0: about that many task events, whatever the preset
	Until  time.Time // when set, nothing that happens at or after it is told
}

// Facts say what was made.
type Facts struct {
	Version string
	Seed    uint64

	Sent       int64 // events yielded, resent ones included
	Duplicates int64 // of Sent, the resent ones
	Late       int64 // sent more than 24 hours after they happened
	OutOfOrder int64 // sent after their successor in the same case, though not late

	Tasks, Reports, Answers int64 // events of each type, each counted once

	Cases     map[string]int64 // started, by process
	Completed int64            // cases
	Withdrawn int64            // cases
	Open      int64            // cases neither completed nor withdrawn at the end, of known processes
	Unknown   int64            // cases of processes that no handbook defines
	Faulty    int64            // completed cases with a fault that is confirmed, be it after the end
	Faults    int64            // of those cases
	Dismissed int64            // reports that were not confirmed
	Invited   int64            // people asked to answer a survey; Answers of them did
}

// The totals of preset M over the two years, as counted in its Facts; a test
// holds them there. They turn a wish for events into a scale, and a scale into
// an estimate.
const (
	tasksOfM  = 185_000
	othersOfM = 7_800
	story     = 24 // months
)

// Estimate says how many events Generate will yield for opts, to about 3 %.
func Estimate(opts Options) int64 {
	share := 1.0
	if !opts.Until.IsZero() {
		share = min(1, max(0, float64(opts.Until.Sub(firstDay(time.UTC)))/float64(lastDay(time.UTC).Sub(firstDay(time.UTC)))))
	}
	return int64((tasksOfM + othersOfM) * scale(opts) * share * (1 + duplicateShare))
}

func scale(opts Options) float64 {
	if opts.Events > 0 {
		return float64(opts.Events) / tasksOfM
	}
	if s, known := scales[opts.Preset]; known {
		return s
	}
	return scales[M]
}

func firstDay(zone *time.Location) time.Time { return time.Date(2024, 10, 1, 0, 0, 0, 0, zone) }

// lastDay is the midnight at which the story is over.
func lastDay(zone *time.Location) time.Time { return firstDay(zone).AddDate(0, story, 0) }

// Generate yields the story's events in the order in which they are sent. The
// same options and handbook give the same events. What is yet to be sent is
// held in memory, a few days' worth; nothing else is. Events of one case share
// their attributes: read only. It stops at the first error of yield and returns
// it as it is; the Facts are then those of what was planned so far.
//
// The handbook gives the working calendar, and must define the processes of the story.
func Generate(opts Options, hb *handbook.Handbook, yield func(event.Event) error) (Facts, error) {
	t, err := newTale(opts, hb)
	if err != nil {
		return Facts{}, err
	}
	for day := firstDay(t.zone); day.Before(t.end); day = day.AddDate(0, 0, 1) {
		for _, f := range t.flows {
			t.begin(f, day)
		}
		t.incidents(day)
		t.coordinate(day)
		t.survey(day)
		if err := t.outbox.send(day.AddDate(0, 0, 1), yield); err != nil {
			return t.facts, err
		}
	}
	return t.facts, t.outbox.send(t.end.AddDate(1, 0, 0), yield)
}

// telling names a story that is not the shown one by what it differs in.
func telling(opts Options) string {
	name := ""
	switch {
	case opts.Events > 0:
		name += "-" + strconv.FormatInt(opts.Events, 10)
	case opts.Preset != M && opts.Preset != "":
		name += "-" + string(opts.Preset)
	}
	if opts.Seed != DefaultSeed {
		name += "-s" + strconv.FormatUint(opts.Seed, 10)
	}
	return name
}

func newTale(opts Options, hb *handbook.Handbook) (*tale, error) {
	if opts.Seed == 0 {
		opts.Seed = DefaultSeed
	}
	if _, known := scales[opts.Preset]; !known && opts.Preset != "" {
		return nil, fmt.Errorf("preset %q is unknown; use one of S, M, L", opts.Preset)
	}
	cal, err := hb.Calendar()
	if err != nil {
		return nil, err
	}
	t := &tale{
		calendar: cal, zone: cal.Zone(), end: lastDay(cal.Zone()),
		seed: opts.Seed, telling: telling(opts), scale: scale(opts),
		facts:   Facts{Version: Version, Seed: opts.Seed, Cases: make(map[string]int64)},
		numbers: make(map[string]int),
	}
	if !opts.Until.IsZero() && opts.Until.Before(t.end) {
		t.end = opts.Until
	}
	t.people = newPeople(t.random("people"))
	t.trouble = newTrouble(t.random("imperfections"))
	t.surveys = newSurveys(t.random("surveys"))
	t.coordination = newCoordination(t.random("coordination"), t.random("extensions"))
	t.outbox = newOutbox(firstDay(t.zone))
	t.flows = t.allFlows()
	for _, f := range t.flows {
		if _, ok := hb.Process(f.process); !ok && !f.unknown {
			return nil, fmt.Errorf("the handbook does not define process %q, which the story needs", f.process)
		}
	}
	return t, nil
}
