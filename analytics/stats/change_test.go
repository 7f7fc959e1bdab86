package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func sampleOf(scores ...float64) Sample {
	s := Sample{N: uint64(len(scores)), Mean: average(scores)}
	for _, v := range scores {
		s.Variance += (v - s.Mean) * (v - s.Mean) / float64(len(scores)-1)
	}
	return s
}

// The vector is that of the formula page: 75 against 91.4.
func TestWelch(t *testing.T) {
	before, after := sampleOf(60, 70, 75, 80, 85, 80), sampleOf(90, 85, 95, 100, 90, 92, 88)
	got, ok := Welch([]Sample{after}, []Sample{before})
	if !ok || math.Abs(got.Low-6.9) > 0.05 || math.Abs(got.High-26.0) > 0.05 {
		t.Errorf("got %.2f, want [6.9, 26.0]", got)
	}
	// Twice the same group: the same means, half the variance, twice the freedom.
	twice, ok := Welch([]Sample{after, after}, []Sample{before, before})
	if !ok || twice.High-twice.Low >= (got.High-got.Low)/math.Sqrt2 || math.Abs(twice.High+twice.Low-got.High-got.Low) > 1e-9 {
		t.Errorf("of two groups each: %v, of one: %v", twice, got)
	}
	for name, sides := range map[string][2][]Sample{
		"nothing":        {nil, {before}},
		"one score":      {{sampleOf(80)}, {before}},
		"nothing varies": {{sampleOf(80, 80)}, {sampleOf(70, 70)}},
	} {
		if i, ok := Welch(sides[0], sides[1]); ok {
			t.Errorf("%s: %v", name, i)
		}
	}
}

// Quantiles of Student's t from Abramowitz and Stegun, table 26.10.
func TestStudentQuantile(t *testing.T) {
	for freedom, want := range map[float64]float64{1: 12.706, 2: 4.303, 5: 2.571, 10: 2.228, 30: 2.042, 120: 1.980, 1e6: 1.960} {
		if got := studentQuantile(freedom); math.Abs(got-want) > 0.0006 {
			t.Errorf("%v degrees of freedom: got %.4f, want %.3f", freedom, got, want)
		}
	}
}

func TestMedianChange(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	weeks := func(n int, middle float64) (all [][]float64) {
		for range n {
			var week []float64
			for range 20 + r.IntN(20) {
				week = append(week, middle+r.NormFloat64())
			}
			all = append(all, week)
		}
		return all
	}
	before, after := weeks(13, 10), weeks(13, 8)
	i, ok := MedianChange(after, before)
	if !ok || i.Low > -2+0.3 || i.High < -2-0.3 || i.High > -1.5 || i.Low < -2.5 {
		t.Errorf("two lower: %v", i)
	}
	if again, _ := MedianChange(after, before); again != i {
		t.Errorf("the same data give %v and %v", i, again)
	}
	if same, ok := MedianChange(weeks(13, 10), before); !ok || same.Excludes(0) {
		t.Errorf("no change gives %v", same)
	}
	if i, ok := MedianChange(after, before[:LeastBlocks-1]); ok {
		t.Errorf("seven weeks give %v", i)
	}
}

// A median of drawn blocks is that of the values, sorted.
func TestResampledMedian(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		var all [][]float64
		for range 1 + r.IntN(5) {
			var block []float64
			for range r.IntN(4) + 1 {
				block = append(block, float64(r.IntN(6)))
			}
			all = append(all, block)
		}
		seed := r.Uint64()
		got := inBlocks(all).resampledMedian(rand.New(rand.NewPCG(seed, 0)))
		var drawn []float64
		again := rand.New(rand.NewPCG(seed, 0))
		for range all {
			drawn = append(drawn, all[again.IntN(len(all))]...)
		}
		slices.Sort(drawn)
		if want := Quantile(drawn, 0.5); got != want {
			t.Fatalf("%v drawn: got %v, want %v", drawn, got, want)
		}
	}
}

// Effects add up to the change, and their parts to mix and rate.
func TestEffectsAddUp(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 500 {
		before, after := map[string]Part{"always": {N: 3, Value: r.Float64()}}, map[string]Part{"always": {N: 1, Value: r.Float64()}}
		for _, k := range []string{"a", "b", "c"} {
			if r.IntN(3) > 0 {
				before[k] = Part{N: float64(r.IntN(20)), Value: r.Float64()}
			}
			if r.IntN(3) > 0 {
				after[k] = Part{N: float64(r.IntN(20)), Value: r.Float64()}
			}
		}
		var sum Effect
		for _, e := range Effects(before, after) {
			sum.Mix, sum.Rate = sum.Mix+e.Mix, sum.Rate+e.Rate
		}
		if mix, rate := MixOrRate(before, after); math.Abs(sum.Mix-mix) > 1e-9 || math.Abs(sum.Rate-rate) > 1e-9 {
			t.Fatalf("effects add up to %v, want mix %v and rate %v", sum, mix, rate)
		}
		n0, n1, change := 7.0, 11.0, 0.0
		for _, e := range PartEffects(before, after, n0, n1) {
			change += e.Sum()
		}
		m0, sum0 := totalOf(before)
		m1, sum1 := totalOf(after)
		if want := m1*sum1/n1 - m0*sum0/n0; math.Abs(change-want) > 1e-9 {
			t.Fatalf("parts add up to %v, want %v", change, want)
		}
	}
	// A group of average value that grows changes nothing.
	steady := Effects(map[string]Part{"a": {1, 5}, "b": {1, 5}}, map[string]Part{"a": {9, 5}, "b": {1, 5}})
	if steady["a"].Sum() != 0 || steady["b"].Sum() != 0 {
		t.Errorf("nothing changed but %v", steady)
	}
	if len(Effects(nil, steadyParts)) != 0 || len(PartEffects(steadyParts, nil, 1, 0)) != 0 {
		t.Error("without one of the periods there are effects")
	}
}

var steadyParts = map[string]Part{"a": {1, 5}}
