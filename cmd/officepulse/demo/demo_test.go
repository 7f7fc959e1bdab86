package demo_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/cmd/officepulse/demo"
	"example.com/officepulse/ingest/event"
)

// within fails when got is further from want than the tolerance.
func within(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) { // not-a-number is never within
		t.Errorf("%s is %.3f, want %.3f ± %.3f", what, got, want, tolerance)
	}
}

// The story of preset M is generated once for all tests that only read it.
type told struct {
	events  []event.Event
	facts   demo.Facts
	figures *figures
}

var (
	once   sync.Once
	storyM told
)

func medium(t *testing.T) told {
	t.Helper()
	once.Do(func() { storyM = tell(t, demo.Options{}) })
	return storyM
}

func tell(t *testing.T, opts demo.Options) told {
	t.Helper()
	events, facts := generate(t, opts)
	return told{events, facts, compute(t, events)}
}

// Presets M and L keep the tolerances of DOMAIN.md. S has a quarter of M's cases
// per figure: its approvals get ±0.3 and its headline ±3.
func TestPath(t *testing.T) {
	f := func(name string, story told, approval, headline float64) {
		t.Run(name, func(t *testing.T) {
			t.Helper()
			for _, q := range demo.Path() {
				within(t, q.Name+" error rate", story.figures.errorRate(q.Name), q.ErrorRate, 0.8)
				within(t, q.Name+" approval", story.figures.approval("", q.Name), q.Approval, approval)
				within(t, q.Name+" satisfaction", story.figures.satisfaction(q.Name), q.Satisfaction, 1)
			}
			before := story.figures.errorRate("2025Q3", "2025Q4")
			after := story.figures.errorRate("2026Q2", "2026Q3")
			within(t, "half-year change of the error rate", 100*(after-before)/before, -40, headline)
		})
	}
	f("M", medium(t), 0.2, 1)
	f("L", tell(t, demo.Options{Preset: demo.L}), 0.2, 1)
	f("S", tell(t, demo.Options{Preset: demo.S}), 0.3, 3)
	f("M with another seed", tell(t, demo.Options{Seed: 7}), 0.2, 1.5)
}

// The mean of all approvals hides that core documents gained little.
func TestMixTrap(t *testing.T) {
	f := medium(t).figures
	within(t, "non-core before", f.approval("non_core", "2025Q3", "2025Q4"), 3.2, 0.2)
	within(t, "non-core after", f.approval("non_core", "2026Q2", "2026Q3"), 1.1, 0.2)
	within(t, "core before", f.approval("core", "2025Q3", "2025Q4"), 3.2, 0.25)
	within(t, "core after", f.approval("core", "2026Q2", "2026Q3"), 2.6, 0.25)
}

func TestProductionImprovesLate(t *testing.T) {
	f := medium(t).figures
	within(t, "production at first", mean(f.scores["2025Q4"]["production"]), 70, 4)
	within(t, "production in 2026Q2", mean(f.scores["2026Q2"]["production"]), 77, 4)
	within(t, "production at last", mean(f.scores["2026Q3"]["production"]), 90, 4)
	if got, others := mean(f.scores["2026Q2"]["production"]), f.satisfaction("2026Q2"); got > others-5 {
		t.Errorf("production has %.1f in 2026Q2, all have %.1f", got, others)
	}
}

func TestSameSeedSameStory(t *testing.T) {
	hash := func(seed uint64) [32]byte {
		h := sha256.New()
		_, err := demo.Generate(demo.Options{Preset: demo.S, Seed: seed}, handbook.Default(), func(e event.Event) error {
			data, err := e.Encode()
			h.Write(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return [32]byte(h.Sum(nil))
	}
	first := hash(0)
	if hash(demo.DefaultSeed) != first {
		t.Error("the same seed tells two stories")
	}
	if hash(demo.DefaultSeed+1) == first {
		t.Error("another seed tells the same story")
	}
}

func TestEstimate(t *testing.T) {
	f := func(opts demo.Options) {
		t.Helper()
		n := int64(0)
		facts, err := demo.Generate(opts, handbook.Default(), func(event.Event) error { n++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		if facts.Sent != n {
			t.Errorf("%+v: sent %d by the facts, %d in fact", opts, facts.Sent, n)
		}
		within(t, "events by estimate", float64(demo.Estimate(opts))/float64(n), 1, 0.03)
		if opts.Events > 0 {
			within(t, "task events by wish", float64(facts.Tasks)/float64(opts.Events), 1, 0.03)
		}
	}
	f(demo.Options{})
	f(demo.Options{Preset: demo.S})
	f(demo.Options{Events: 400_000})
}

func TestUntil(t *testing.T) {
	until := time.Date(2025, 3, 14, 3, 0, 0, 0, time.UTC)
	facts, err := demo.Generate(demo.Options{Preset: demo.S, Until: until}, handbook.Default(), func(e event.Event) error {
		if !e.Time.Before(until) {
			t.Fatalf("%s happens at %v", e.ID, e.Time)
		}
		return nil
	})
	if err != nil || facts.Open == 0 {
		t.Errorf("got %+v, %v", facts, err)
	}
}

func TestYieldStopsTheStory(t *testing.T) {
	enough := errors.New("enough")
	n := 0
	_, err := demo.Generate(demo.Options{}, handbook.Default(), func(event.Event) error {
		if n++; n == 1000 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || n != 1000 {
		t.Errorf("got %v after %d events", err, n)
	}
}

func TestGenerateRefuses(t *testing.T) {
	f := func(opts demo.Options, hb *handbook.Handbook, want string) {
		t.Helper()
		_, err := demo.Generate(opts, hb, func(event.Event) error { return nil })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	f(demo.Options{Preset: "XL"}, handbook.Default(), `preset "XL" is unknown`)
	short := handbook.Default()
	short.Processes = short.Processes[1:]
	f(demo.Options{}, short, `process "doc_approval"`)
	if _, err := demo.ParsePreset("xl"); err == nil {
		t.Error("preset xl was taken")
	}
	if p, err := demo.ParsePreset("l"); err != nil || p != demo.L {
		t.Errorf("l is %v, %v", p, err)
	}
}

// 300,000 events per second and core is what the load mode needs so as not to
// be the bottleneck of what it measures.
func BenchmarkGenerate(b *testing.B) {
	b.ReportAllocs()
	hb := handbook.Default()
	events := int64(0)
	for b.Loop() {
		facts, err := demo.Generate(demo.Options{Events: 1_000_000}, hb, func(event.Event) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
		events += facts.Sent
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}

// Two stories in one store are two offices' worth of cases, never cases of both.
func TestTellingsShareNoCase(t *testing.T) {
	seen := make(map[string]demo.Options)
	for _, opts := range []demo.Options{{Preset: demo.M}, {Preset: demo.S}, {Preset: demo.S, Seed: 7}, {Events: 5000}} {
		_, err := demo.Generate(opts, handbook.Default(), func(e event.Event) error {
			key := e.ID
			if e.Task != nil {
				key = e.Task.CaseID
			}
			if first, ok := seen[key]; ok && first != opts {
				return fmt.Errorf("%s is in the stories %+v and %+v", key, first, opts)
			}
			seen[key] = opts
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
