package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func wantNear(t *testing.T, name string, got, want, by float64) {
	t.Helper()
	if math.Abs(got-want) > by {
		t.Errorf("%s: got %.3f, want %.3f", name, got, want)
	}
}

// The vectors are those of the formula page.
func TestPromoters(t *testing.T) {
	p := Promoters{Promoters: 5, Detractors: 2, N: 10}
	score, _ := p.Score()
	i := p.Interval()
	wantNear(t, "score", score, 30, 1e-9)
	wantNear(t, "low", i.Low, -19, 0.5)
	wantNear(t, "high", i.High, 65, 0.5)
	d, i := PromotersChange(Promoters{9, 1, 14}, Promoters{5, 4, 12})
	wantNear(t, "change", d, 40.4, 0.05)
	wantNear(t, "low", i.Low, -12.6, 0.05)
	wantNear(t, "high", i.High, 93.4, 0.05)
	if _, ok := (Promoters{}).Score(); ok {
		t.Error("nobody has a score")
	}
}

func TestMeanInterval(t *testing.T) {
	i, ok := MeanInterval(sampleOf(60, 70, 75, 80, 85, 80))
	if !ok {
		t.Fatal("no interval")
	}
	wantNear(t, "low", i.Low, 75-9.39, 0.005)
	wantNear(t, "high", i.High, 75+9.39, 0.005)
	i, _ = MeanInterval(sampleOf(100, 90, 100))
	wantNear(t, "clipped", i.High, 100, 0)
	if _, ok := MeanInterval(sampleOf(80)); ok {
		t.Error("one score has an interval")
	}
}

// Worked by hand: weights
// 4 each, τ² = (q − 1)/(Σw − Σw²/Σw) = (50 − 1)/(8 − 4) = 12.25.
func TestShrinkByHand(t *testing.T) {
	got := Shrink([]Sample{{N: 100, Mean: 80, Variance: 25}, {N: 100, Mean: 85, Variance: 25}})
	// μ = 82.5, B = 12.25/(12.25+0.25) = 0.98
	wantNear(t, "first", got[0], 82.5-0.98*2.5, 1e-9)
	wantNear(t, "second", got[1], 82.5+0.98*2.5, 1e-9)
	got = Shrink([]Sample{{N: 4, Mean: 80, Variance: 100}, {N: 4, Mean: 84, Variance: 100}, {}})
	// q = 0.32 < 1: the groups do not differ beyond chance.
	for _, v := range got {
		wantNear(t, "no difference", v, 82, 1e-9)
	}
}

// Shrinking never leaves the range of the means, and moves a smaller group of
// the same mean and variance further.
func TestShrinkOfAnyGroups(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		groups := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Sample {
			return Sample{
				N: rapid.Uint64Range(0, 40).Draw(t, "n"), Mean: rapid.Float64Range(0, 100).Draw(t, "mean"),
				Variance: rapid.Float64Range(0, 900).Draw(t, "variance"),
			}
		}), 1, 12).Draw(t, "groups")
		low, high := 100.0, 0.0
		for _, g := range groups {
			if g.N > 0 {
				low, high = min(low, g.Mean), max(high, g.Mean)
			}
		}
		for i, v := range Shrink(groups) {
			if high >= low && (v < low-1e-9 || v > high+1e-9) {
				t.Fatalf("%v moves to %v, outside of %v to %v", groups[i], v, low, high)
			}
		}
		few, many := groups[0], groups[0]
		few.N, many.N = 3, 30
		few.Variance = max(1, few.Variance)
		many.Variance = few.Variance
		all := append([]Sample{few, many}, groups...)
		got := Shrink(all)
		if d := math.Abs(few.Mean-got[0]) - math.Abs(many.Mean-got[1]); d < -1e-9 {
			t.Fatalf("3 answers move by %v, 30 by %v", few.Mean-got[0], many.Mean-got[1])
		}
	})
}

// Of one group it is the t interval, of two by hand: SE² = (20/4 + 30/6)/4 = 2.5,
// ν = 2.5²/((5/4)²/3 + (5/4)²/5) = 7.5.
func TestWeightedMean(t *testing.T) {
	one := sampleOf(60, 70, 75, 80, 85, 80)
	mean, i, ok := WeightedMean([]Sample{one}, []float64{7})
	want, _ := MeanInterval(one)
	if !ok || mean != one.Mean || math.Abs(i.Low-want.Low) > 1e-9 || math.Abs(i.High-want.High) > 1e-9 {
		t.Errorf("one group: %v %v %v, want %v", mean, i, ok, want)
	}
	mean, i, _ = WeightedMean([]Sample{{N: 4, Mean: 70, Variance: 20}, {N: 6, Mean: 80, Variance: 30}}, []float64{1, 1})
	wantNear(t, "mean", mean, 75, 1e-9)
	wantNear(t, "low", i.Low, 75-2.3337*math.Sqrt(2.5), 0.01)
	mean, _, ok = WeightedMean([]Sample{{N: 4, Mean: 70, Variance: 20}, {N: 1, Mean: 80}}, []float64{3, 1})
	if wantNear(t, "mean", mean, 72.5, 1e-9); ok {
		t.Error("a group of one answer has an interval")
	}
	if _, _, ok := WeightedMean(nil, nil); ok {
		t.Error("no group has a mean")
	}
}

// Further vectors of the formula page.
func TestPageVectors(t *testing.T) {
	w := Wilson(8, 10)
	wantNear(t, "8/10 low", 100*w.Low, 49.0, 0.05)
	wantNear(t, "8/10 high", 100*w.High, 94.3, 0.05)
	w = Wilson(5, 5)
	wantNear(t, "5/5 low", 100*w.Low, 56.6, 0.05)
	wantNear(t, "5/5 high", 100*w.High, 100, 0.05)
	n := Newcombe(12, 14, 6, 12)
	wantNear(t, "Newcombe low", 100*n.Low, 0.2, 0.05)
	wantNear(t, "Newcombe high", 100*n.High, 62.4, 0.05)
	i, ok := Welch([]Sample{sampleOf(90, 85, 95, 100, 90, 92, 88)}, []Sample{sampleOf(60, 70, 75, 80, 85, 80)})
	if !ok {
		t.Fatal("no interval")
	}
	wantNear(t, "Welch low", i.Low, 6.9, 0.05)
	wantNear(t, "Welch high", i.High, 26.0, 0.05)
}
