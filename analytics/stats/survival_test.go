package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestKaplanMeier(t *testing.T) {
	done := func(values ...float64) (all []Duration) {
		for _, v := range values {
			all = append(all, Duration{Value: v})
		}
		return all
	}
	open := func(all []Duration, values ...float64) []Duration {
		for _, v := range values {
			all = append(all, Duration{Value: v, Open: true})
		}
		return all
	}
	for name, test := range map[string]struct {
		cases []Duration
		want  float64
		ok    bool
	}{
		"nothing":            {nil, 0, false},
		"one":                {done(3), 3, true},
		"all ended":          {done(1, 2, 3, 4), 2, true},
		"open ones push":     {open(done(1, 2, 3), 9, 9), 3, true},
		"most are open":      {open(done(1), 5, 5, 5), 0, false},
		"open at the event":  {open(done(2, 4), 2), 4, true}, // one who leaves at an event was still there for it
		"ties end together":  {done(2, 2, 2, 5), 2, true},
		"early open ones":    {open(done(10, 20, 30, 40), 1, 1), 20, true},
		"one open and ended": {open(done(7), 1), 7, true},
	} {
		got, ok := KaplanMeier(test.cases)
		if ok != test.ok || (ok && got != test.want) {
			t.Errorf("%s: got %v, %v; want %v, %v", name, got, ok, test.want, test.ok)
		}
	}
}

// Mix and rate add up to the change, whatever the groups are.
func TestMixOrRateAddsUp(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	total := func(parts map[string]Part) float64 {
		var sum, n float64
		for _, p := range parts {
			sum, n = sum+p.N*p.Value, n+p.N
		}
		return sum / n
	}
	for range 1000 {
		before, after := map[string]Part{"always": {N: 1, Value: r.Float64()}}, map[string]Part{"always": {N: 2, Value: r.Float64()}}
		for _, k := range []string{"a", "b", "c", "d"} {
			if r.IntN(4) > 0 {
				before[k] = Part{N: float64(r.IntN(50)), Value: r.Float64() * 10}
			}
			if r.IntN(4) > 0 {
				after[k] = Part{N: float64(r.IntN(50)), Value: r.Float64() * 10}
			}
		}
		mix, rate := MixOrRate(before, after)
		if want := total(after) - total(before); math.Abs(mix+rate-want) > 1e-9 {
			t.Fatalf("mix %v + rate %v, want %v: %v -> %v", mix, rate, want, before, after)
		}
	}
	mix, rate := MixOrRate(map[string]Part{"core": {22, 3.2}, "other": {78, 3.2}}, map[string]Part{"core": {22, 2.6}, "other": {78, 1.1}})
	if math.Abs(mix) > 1e-12 || math.Abs(rate-(0.22*-0.6+0.78*-2.1)) > 1e-12 {
		t.Errorf("the same mix: mix %v, rate %v", mix, rate)
	}
}
