package change_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/change"
	"example.com/officepulse/analytics/figure"
	"example.com/officepulse/analytics/record"
)

var (
	lead  = figure.Figure{Metric: "lead_time", Value: analytics.ValueMedian, Clock: analytics.ClockWorking, Process: "doc_approval"}
	rate  = figure.Figure{Metric: "error_rate", Value: analytics.ValueRate, Process: "doc_approval"}
	count = figure.Figure{Metric: "throughput", Value: analytics.ValueN}
)

var monday = time.Date(2025, 1, 6, 0, 0, 0, 0, time.UTC)

// world makes weeks of an office in which nothing happens, but weeks are alike:
// each has a mood that lingers.
type world struct {
	random    *rand.Rand
	lingering float64 // of the mood from week to week
	mood      float64 // its size
	now       float64
}

func (w *world) step() float64 {
	w.now = w.lingering*w.now + math.Sqrt(1-w.lingering*w.lingering)*w.mood*w.random.NormFloat64()
	return w.now
}

// times are lead times of about 70 cases a week, moved by a share.
func (w *world) times(at int, moved float64) change.Week {
	week := change.Week{Start: monday.AddDate(0, 0, 7*at), At: at}
	mood := w.step()
	for _, g := range []struct {
		key  string
		n    int
		size float64
	}{{"core", 15, 3}, {"non_core", 55, 2.6}} {
		group := change.Group{Key: g.key}
		for range g.n + w.random.IntN(7) - 3 {
			group.Values = append(group.Values, g.size*8*3600*math.Exp(0.5*w.random.NormFloat64()+mood)*moved)
		}
		group.N = uint64(len(group.Values))
		week.N += group.N
		week.Values, week.Groups = append(week.Values, group.Values...), append(week.Groups, group)
	}
	return week
}

// shares are about 70 cases a week of which some are faulty.
func (w *world) shares(at int, p float64) change.Week {
	week := change.Week{Start: monday.AddDate(0, 0, 7*at), At: at, N: uint64(60 + w.random.IntN(20))}
	p = min(1, max(0, p*math.Exp(w.step())))
	for range week.N {
		if w.random.Float64() < p {
			week.Hits++
		}
	}
	return week
}

func (w *world) evidence(shape change.Shape, before, after func(at int) change.Week) *change.Evidence {
	e := &change.Evidence{Shape: shape, Whole: true, ByStart: true, Figures: 1}
	for at := -change.Window; at < change.Window+4; at++ {
		switch {
		case at < 0:
			e.Before = append(e.Before, before(at))
		case at >= 4: // the ramp is left out
			e.After = append(e.After, after(at))
		default:
			before(at)
		}
	}
	return e
}

// Where nothing happened a change recorded at random is none in at least 95 of 100
// places, also where weeks that follow each other are alike.
func TestNothingHappened(t *testing.T) {
	const places = 100
	for name, lingering := range map[string]float64{"weeks of their own": 0, "weeks like the one before": 0.4, "moods of a month": 0.7} {
		shifted := map[change.Shape]int{}
		for i := range places {
			w := &world{random: rand.New(rand.NewPCG(uint64(i), 7)), lingering: lingering, mood: 0.12}
			for _, shape := range []change.Shape{change.Times, change.Shares, change.Levels} {
				week := func(at int) change.Week {
					switch shape {
					case change.Times:
						return w.times(at, 1)
					case change.Shares:
						return w.shares(at, 0.085)
					default:
						return change.Week{At: at, Start: monday.AddDate(0, 0, 7*at), N: 1, Value: 100 * math.Exp(w.step())}
					}
				}
				f := map[change.Shape]figure.Figure{change.Times: lead, change.Shares: rate, change.Levels: count}[shape]
				v := change.Judge(f, w.evidence(shape, week, week))
				if v.Outcome == change.Shifted {
					shifted[shape]++
				}
				if v.Outcome == change.TooLittle {
					t.Fatalf("%s: %+v", shape, v)
				}
			}
		}
		for shape, n := range shifted {
			if n > 5 {
				t.Errorf("%s, %s: %d of %d placements are called a change", name, shape, n, places)
			}
		}
		t.Logf("%s: called a change %v of %d", name, shifted, places)
	}
}

// Looking every week as data comes in does not make a change of nothing.
func TestManyLooks(t *testing.T) {
	ever := 0
	const places = 60
	for i := range places {
		w := &world{random: rand.New(rand.NewPCG(uint64(i), 11)), lingering: 0.3, mood: 0.1}
		week := func(at int) change.Week { return w.shares(at, 0.085) }
		e := w.evidence(change.Shares, week, week)
		for n := change.LeastWeeks; n <= change.Window; n++ {
			seen := *e
			seen.After, seen.Whole = e.After[:n], n == change.Window
			if change.Judge(rate, &seen).Outcome == change.Shifted {
				ever++
				break
			}
		}
	}
	if ever > places*5/100 {
		t.Errorf("%d of %d were called a change at one of the looks", ever, places)
	}
}

// What did happen is found, with an interval that holds the truth.
func TestShift(t *testing.T) {
	found := map[change.Shape]int{}
	held := 0
	const worlds = 40
	for i := range worlds {
		w := &world{random: rand.New(rand.NewPCG(uint64(i), 3)), lingering: 0.2, mood: 0.05}
		v := change.Judge(lead, w.evidence(change.Times, func(at int) change.Week { return w.times(at, 1) }, func(at int) change.Week { return w.times(at, 0.5) }))
		if v.Outcome == change.Shifted && v.Difference.Value < 0 {
			found[change.Times]++
		}
		if truth := -0.5 * v.Before.Value; v.Difference.Low <= truth && truth <= v.Difference.High {
			held++
		}
		if v.Mix == nil || v.Mix.Uneven != nil || math.Abs(v.Mix.Mix) > math.Abs(v.Mix.Change)/5 || v.Disagree || len(v.Votes) != 3 || len(v.Control.Points) != 52 {
			t.Errorf("%+v, mix %+v", v, v.Mix)
		}
		v = change.Judge(rate, w.evidence(change.Shares, func(at int) change.Week { return w.shares(at, 0.10) }, func(at int) change.Week { return w.shares(at, 0.05) }))
		if v.Outcome == change.Shifted {
			found[change.Shares]++
		}
	}
	if found[change.Times] < worlds || found[change.Shares] < worlds*9/10 || held < worlds*85/100 {
		t.Errorf("found %v, %d intervals hold the truth", found, held)
	}
}

// A figure that was on its way before is no merit of the change.
func TestTrendBefore(t *testing.T) {
	w := &world{random: rand.New(rand.NewPCG(5, 5)), mood: 0.02}
	falling := func(at int) change.Week { return w.times(at, 1-0.01*float64(at)) }
	v := change.Judge(lead, w.evidence(change.Times, falling, falling))
	if v.Outcome != change.Unchanged || v.Why != change.TrendBefore || !v.Disagree {
		t.Errorf("%s %s %+v %+v", v.Outcome, v.Why, v.Regression, v.Votes)
	}
}

// The mean of all hides that one class gained and another did not.
func TestMixTrap(t *testing.T) {
	w := &world{random: rand.New(rand.NewPCG(9, 9)), mood: 0.02}
	after := func(at int) change.Week {
		week := w.times(at, 1)
		week.Values = nil
		for i := range week.Groups {
			g := &week.Groups[i]
			for j := range g.Values {
				if g.Key == "non_core" {
					g.Values[j] *= 0.4
				}
			}
			week.Values = append(week.Values, g.Values...)
		}
		return week
	}
	v := change.Judge(lead, w.evidence(change.Times, func(at int) change.Week { return w.times(at, 1) }, after))
	if v.Outcome != change.Shifted || v.Mix == nil || v.Mix.Uneven == nil || v.Mix.Uneven.Least.Key != "core" || v.Mix.Uneven.Most.Key != "non_core" {
		t.Fatalf("%+v", v.Mix)
	}
	if math.Abs(v.Mix.Change-(v.Mix.Mix+v.Mix.Rate)) > 1e-6 || math.Abs(v.Mix.Change-(*v.After.Mean-*v.Before.Mean)) > 1 {
		t.Errorf("the parts do not add up: %+v, means %v %v", v.Mix, *v.Before.Mean, *v.After.Mean)
	}
	// Fewer core documents, and nothing else.
	fewer := func(at int) change.Week {
		week := w.times(at, 1)
		week.Groups[0].Values = week.Groups[0].Values[:3]
		week.Groups[0].N = 3
		week.Values = slices.Concat(week.Groups[0].Values, week.Groups[1].Values)
		week.N = uint64(len(week.Values))
		return week
	}
	v = change.Judge(lead, w.evidence(change.Times, func(at int) change.Week { return w.times(at, 1) }, fewer))
	if v.Mix.Mix >= 0 || v.Mix.Groups[0].AfterShare >= v.Mix.Groups[0].BeforeShare == (v.Mix.Groups[0].Key == "core") {
		t.Errorf("%+v", v.Mix)
	}
}

func TestTooLittle(t *testing.T) {
	w := &world{random: rand.New(rand.NewPCG(5, 6)), mood: 0.02}
	week := func(at int) change.Week { return w.shares(at, 0.1) }
	e := w.evidence(change.Shares, week, week)
	f := func(want change.Why, cut func(*change.Evidence)) {
		t.Helper()
		seen := *e
		cut(&seen)
		if v := change.Judge(rate, &seen); v.Outcome != change.TooLittle || v.Why != want || v.Difference != nil {
			t.Errorf("%s %s %+v, want %s", v.Outcome, v.Why, v.Difference, want)
		}
	}
	f(change.NotYet, func(e *change.Evidence) { e.After = nil })
	f(change.FewWeeks, func(e *change.Evidence) { e.After = e.After[:7] })
	f(change.FewWeeks, func(e *change.Evidence) { e.Before = e.Before[:3] })
	f(change.FewCases, func(e *change.Evidence) {
		e.After = slices.Clone(e.After)
		for i := range e.After {
			e.After[i].N, e.After[i].Hits = 0, 0
		}
	})
	f(change.NoVariation, func(e *change.Evidence) {
		e.Shape, e.Before, e.After = change.Levels, make([]change.Week, 10), make([]change.Week, 10)
		for i := range 10 {
			e.Before[i].At, e.After[i].At = i-10, i
		}
	})
	f(change.FewGroups, func(e *change.Evidence) { *e = change.Evidence{Shape: change.Scores} })
}

// The interval of a difference of shares agrees with a permutation of whole weeks:
// where the test by chance alone says that the order does not matter, it holds zero.
func TestAgreesWithPermutation(t *testing.T) {
	apart := 0
	for i := range 20 {
		w := &world{random: rand.New(rand.NewPCG(uint64(i), 21))}
		p := 0.085 - 0.004*float64(i%5)
		e := w.evidence(change.Shares, func(at int) change.Week { return w.shares(at, 0.085) }, func(at int) change.Week { return w.shares(at, p) })
		v := change.Judge(rate, e)
		all := slices.Concat(e.Before, e.After)
		difference := func() float64 {
			var n, hits [2]float64
			for k, week := range all {
				side := 0
				if k >= len(e.Before) {
					side = 1
				}
				n[side], hits[side] = n[side]+float64(week.N), hits[side]+float64(week.Hits)
			}
			return hits[1]/n[1] - hits[0]/n[0]
		}
		seen, beyond := math.Abs(difference()), 0.0
		const shuffles = 2000
		for range shuffles {
			w.random.Shuffle(len(all), func(a, b int) { all[a], all[b] = all[b], all[a] })
			if math.Abs(difference()) >= seen {
				beyond++
			}
		}
		if chance := beyond / shuffles; math.Abs(chance-v.Difference.P) > 0.12+0.3*chance { // ours is the wider for weeks that happen to be alike
			apart++
			t.Logf("permutation %.3f, ours %.3f (widened %.2f)", chance, v.Difference.P, v.Difference.Widened)
		}
	}
	if apart > 2 {
		t.Errorf("%d of 20 are apart", apart)
	}
}

func TestRecords(t *testing.T) {
	by := record.By{Author: "director", Reason: "decided on Monday", At: time.Now()}
	draft := &change.Change{Stamp: record.Stamp{Key: "simpler"}, Name: record.Text{EN: "Simpler approval"}, What: "no countersigning", Process: "doc_approval", From: "2026-03-02", RampDays: 28, Figures: []figure.Figure{lead, rate}}
	first, err := change.New(draft, by)
	if err != nil || first.Revision != 1 || first.State != change.Recorded {
		t.Fatalf("%v %+v", err, first)
	}
	for field, spoil := range map[string]func(*change.Change){
		"from": func(c *change.Change) { c.From = "2.3." }, "ramp_days": func(c *change.Change) { c.RampDays = -1 }, "what": func(c *change.Change) { c.What = " " },
		"figures": func(c *change.Change) { c.Figures = nil }, "name": func(c *change.Change) { c.Name = record.Text{} }, "key": func(c *change.Change) { c.Key = "A b" },
	} {
		wrong := *draft
		spoil(&wrong)
		_, err := change.New(&wrong, by)
		if list := record.Refusals(err); len(list) != 1 || list[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	wrong := *draft
	wrong.RampDays = 14
	second, err := first.Edited(&wrong, by)
	if err != nil || !slices.Equal(second.Change.What, []string{"ramp_days"}) {
		t.Fatalf("%v %+v", err, second)
	}
	if _, err := second.WithdrawnBy(record.By{Author: "x", At: time.Now()}); len(record.Refusals(err)) != 1 {
		t.Errorf("withdrawn without a reason: %v", err)
	}
	gone, err := second.WithdrawnBy(by)
	if err != nil || gone.Concerns("doc_approval", "") || !second.Concerns("", "sales") || second.Concerns("meeting", "") {
		t.Errorf("%v %+v", err, gone)
	}
}
