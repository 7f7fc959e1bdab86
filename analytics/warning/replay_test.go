package warning

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
)

func watch(tb testing.TB) *Watch {
	tb.Helper()
	hb := handbook.Default()
	cal, err := hb.Calendar()
	if err != nil {
		tb.Fatal(err)
	}
	return &Watch{Handbook: hb, Calendar: cal}
}

// trouble is what is done to a calm world from a day on.
type trouble struct {
	from, to calendar.Date
	slower   float64 // factor on lead times
	faults   float64 // factor on faults of one stage
	one      float64 // share of the steps that one person takes over
	silent   bool    // nobody sends anything
	crowded  bool    // the cases pile up before their due date
}

func (t trouble) at(d calendar.Date) bool { return t.from != 0 && d >= t.from && d < t.to }

const worldProcesses = 6

// world is two years of an office with six processes in which nothing but chance
// is at work, and a trouble in the first of them.
func world(w *Watch, seed uint64, from, to calendar.Date, t trouble) *analytics.Pulse {
	r := rand.New(rand.NewPCG(seed, 1))
	zone := w.Calendar.Zone()
	p := &analytics.Pulse{
		From: from.In(zone), To: to.In(zone), Last: to.In(zone), Done: map[string][]analytics.DoneDay{}, Faults: map[[2]string]map[calendar.Date]uint64{},
		Waits: map[string][]analytics.WaitDay{}, NearDue: map[string]map[int64]analytics.NearDue{}, Seen: map[string][]time.Time{},
	}
	for i := range worldProcesses {
		process := fmt.Sprint("process-", i)
		p.NearDue[process] = map[int64]analytics.NearDue{}
		for _, stage := range []string{"a", "b"} {
			p.Faults[[2]string{process, stage}] = map[calendar.Date]uint64{}
		}
		for d := from; d < to; d++ {
			if w.Calendar.On(d).Workday {
				w.day(p, r, process, d, float64(4+2*i), t.at(d) && i == 0, t)
			}
		}
	}
	for d := from; d < to; d++ {
		if !w.Calendar.On(d).Workday || (t.silent && t.at(d)) {
			continue
		}
		for slot := range 32 { // of 09:00 to 17:00
			if r.Float64() < 0.8 {
				p.Seen["/oa"] = append(p.Seen["/oa"], d.In(zone).Add(9*time.Hour+time.Duration(slot)*slotLength))
			}
		}
	}
	return p
}

// day is a working day of a process with perDay cases.
func (w *Watch) day(p *analytics.Pulse, r *rand.Rand, process string, d calendar.Date, perDay float64, bad bool, t trouble) {
	day := analytics.DoneDay{Day: d}
	slower, more, one := 1.0, 1.0, 0.0
	if bad {
		slower, more, one = max(1, t.slower), max(1, t.faults), t.one
	}
	for range poisson(r, perDay) {
		day.Leads = append(day.Leads, 3600*8*slower*math.Exp(0.8*r.NormFloat64()))
		for _, stage := range []string{"a", "b"} {
			if r.Float64() < 0.03*map[bool]float64{true: more, false: 1}[stage == "a"] {
				p.Faults[[2]string{process, stage}][d]++
			}
		}
		for range 3 {
			person := fmt.Sprint("person-", r.IntN(8))
			if r.Float64() < one {
				person = "person-0"
			}
			p.Waits[process] = append(p.Waits[process], analytics.WaitDay{Day: d, Person: person, Steps: 1, Seconds: 3600 * 3 * math.Exp(0.9*r.NormFloat64())})
		}
	}
	if len(day.Leads) > 0 {
		p.Done[process] = append(p.Done[process], day)
	}
	for _, m := range w.Evenings(d.In(w.Calendar.Zone()), (d + 1).In(w.Calendar.Zone())) {
		due := analytics.NearDue{N: uint64(poisson(r, 0.6*perDay))}
		if bad && t.crowded {
			due.N = uint64(poisson(r, 4*perDay+6))
			due.Late, due.Miss = due.N/2, m.At.Add(20*time.Hour)
		}
		p.NearDue[process][m.At.UnixMilli()] = due
	}
}

func poisson(r *rand.Rand, mean float64) int {
	n, p, limit := 0, r.Float64(), math.Exp(-mean)
	for p > limit {
		p *= r.Float64()
		n++
	}
	return n
}

var (
	worldFrom = calendar.DateOf(2024, time.October, 1)
	worldTo   = calendar.DateOf(2026, time.October, 1)
)

func replay(w *Watch, p *analytics.Pulse, from, to calendar.Date) []Past {
	zone := w.Calendar.Zone()
	return w.Replay(p, w.Evenings(from.In(zone), to.In(zone)))
}

// Where only chance is at work, rules stay silent: over six worlds of six
// processes and 20 months each, a rule warns less than once a year and office.
func TestCalmDataRaisesFewAlarms(t *testing.T) {
	w := watch(t)
	const worlds = 6
	found := map[string]int{}
	for seed := range uint64(worlds) {
		for _, past := range replay(w, world(w, seed, worldFrom, worldTo, trouble{}), worldFrom+112, worldTo) {
			found[past.Rule]++
			if past.Outcome == Hit {
				t.Logf("%s of %s on %s called a hit", past.Rule, past.Subject, past.Raised.Format(time.DateOnly))
			}
		}
	}
	years := worlds * 20.0 / 12
	for _, rule := range handbook.WarningKeys() {
		rate := float64(found[rule]) / years
		t.Logf("%s: %d alarms, %.2f a year", rule, found[rule], rate)
		if rate > 1 {
			t.Errorf("%s warns %.2f times a year of nothing", rule, rate)
		}
	}
}

// A trouble that is put in is found, soon, and called a hit.
func TestTroublesAreFound(t *testing.T) {
	w := watch(t)
	from := calendar.DateOf(2026, time.March, 2)
	for _, c := range []struct {
		rule, subject string
		within        int // days
		put           trouble
	}{
		{handbook.P90Rising, "process-0", 35, trouble{from: from, to: from + 70, slower: 2.5}},
		{handbook.ControlSignal, "process-0", 21, trouble{from: from, to: from + 70, slower: 2.5}},
		{handbook.ErrorCluster, "process-0/a", 14, trouble{from: from, to: from + 40, faults: 12}},
		{handbook.OnePerson, "process-0", 35, trouble{from: from, to: from + 90, one: 0.6}},
		{handbook.NearDue, "process-0", 2, trouble{from: from, to: from + 5, crowded: true}},
		{handbook.SourceSilent, "/oa", 3, trouble{from: from, to: from + 8, silent: true}},
	} {
		t.Run(c.rule, func(t *testing.T) {
			const worlds = 3
			found, hits := 0, 0
			for seed := range uint64(worlds) {
				for _, past := range replay(w, world(w, seed+100, from-220, from+150, c.put), from-14, from+150) {
					day := w.Calendar.DateAt(past.Raised)
					if past.Rule != c.rule || past.Subject != c.subject || day < c.put.from || day >= c.put.from+calendar.Date(c.within) {
						continue
					}
					found++
					if past.Outcome == Hit {
						hits++
						if past.Lead <= 0 {
							t.Errorf("a hit without a lead: %+v", past)
						}
					}
					if past.Cleared.IsZero() {
						t.Errorf("it is never cleared: %+v", past)
					}
					break
				}
			}
			if found < worlds-1 || hits < worlds-1 {
				t.Errorf("found in %d of %d worlds, called a hit in %d", found, worlds, hits)
			}
		})
	}
}

// A value at the edge does not warn again and again, and few cases say nothing.
func TestNext(t *testing.T) {
	s := handbook.WarningSetting{Raise: 2, Clear: 1.5, MinN: 5}
	r := func(value float64, n uint64, chance float64) Reading {
		return Reading{Rule: handbook.NearDue, Value: value, N: n, Chance: chance}
	}
	low := handbook.WarningSetting{Raise: 50, Clear: 55, MinN: 10}
	answers := func(value float64) Reading { return Reading{Rule: handbook.ResponseLow, Value: value, N: 20} }
	off := s
	off.Off = true
	for i, c := range []struct {
		s    handbook.WarningSetting
		open bool
		r    Reading
		want Change
	}{
		{s, false, r(2, 5, 0), Raises},
		{s, false, r(1.9, 5, 0), Stays},
		{s, false, r(3, 4, 0), Stays},
		{s, false, r(3, 50, 0.01), Stays},
		{s, true, r(1.9, 5, 0), Stays},
		{s, true, r(1.4, 50, 0), Clears},
		{s, true, r(3, 1, 0.5), Stays},
		{low, false, answers(49), Raises},
		{low, false, answers(50), Stays},
		{low, true, answers(54), Stays},
		{low, true, answers(55), Clears},
		{off, false, r(9, 99, 0), Stays},
		{off, true, r(9, 99, 0), Clears},
	} {
		if got := Next(c.s, c.open, c.r); got != c.want {
			t.Errorf("case %d: %d, want %d", i, got, c.want)
		}
	}
}

func TestResponseLow(t *testing.T) {
	at := time.Date(2026, time.September, 28, 12, 0, 0, 0, time.UTC)
	wave := Wave{Key: "w", Opens: at.AddDate(0, 0, -10), Closes: at.AddDate(0, 0, 2), Expected: 40, Answered: 10}
	if got := responseLow(at, []Wave{wave}); len(got) != 1 || got[0].Value != 25 || got[0].N != 40 {
		t.Errorf("%+v", got)
	}
	early, over, nobody := wave, wave, wave
	early.Closes, over.Closes, nobody.Expected = at.AddDate(0, 0, 4), at, 0
	if got := responseLow(at, []Wave{early, over, nobody}); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// The binomial tail, against sums that can be done by hand.
func TestTail(t *testing.T) {
	for _, c := range []struct {
		k, n int
		p    float64
		want float64
	}{{0, 5, 0.5, 1}, {5, 5, 0.5, 1.0 / 32}, {4, 5, 0.5, 6.0 / 32}, {1, 3, 0.1, 1 - 0.729}, {6, 5, 0.5, 0}} {
		if got := tail(c.k, c.n, c.p); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%d of %d: %v, want %v", c.k, c.n, got, c.want)
		}
	}
}
