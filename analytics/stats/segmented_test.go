package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A course without noise is found as it is.
func TestSegmentedExact(t *testing.T) {
	var x, y, w []float64
	for i := range 30 {
		at := float64(i) - 10
		v := 5 + 0.2*at
		if at >= 0 {
			v += -3 + 0.1*at
		}
		x, y, w = append(x, at), append(y, v), append(w, 1+float64(i%3))
	}
	s, ok := Segmented(x, y, w, 0, 4)
	for name, c := range map[string][2]float64{"level": {s.Level.Value, -3}, "slope": {s.Slope.Value, 0.1}, "before": {s.Before.Value, 0.2}, "effect": {s.Effect.Value, -3 + 0.1*19/2}} {
		if math.Abs(c[0]-c[1]) > 1e-9 {
			t.Errorf("%s: %g, want %g", name, c[0], c[1])
		}
	}
	if !ok || s.N != 30 {
		t.Error(ok, s.N)
	}
	if _, ok := Segmented(x[3:], y[3:], w[3:], 0, 4); ok {
		t.Error("seven points before are enough")
	}
}

// With noise that lingers the interval of the jump holds the truth nearly as often as it says.
func TestSegmentedCovers(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	held := 0
	const worlds = 400
	for range worlds {
		var x, y, w []float64
		noise := 0.0
		for i := range 52 {
			noise = 0.3*noise + random.NormFloat64()
			at := float64(i) - 26
			v := 0.05*at + noise
			if at >= 0 {
				v += 2
			}
			x, y, w = append(x, at), append(y, v), append(w, 1)
		}
		s, _ := Segmented(x, y, w, 0, 4)
		if !s.Level.Interval.Excludes(2) {
			held++
		}
	}
	if share := float64(held) / worlds; share < 0.82 {
		t.Errorf("%.2f of the intervals hold the truth", share)
	}
}

// The variance of means of a lingering series against brute force.
func TestLingering(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 5))
	var means, said float64
	const worlds, n = 800, 26
	for range worlds {
		course := make([]float64, n)
		noise, mean := random.NormFloat64(), 0.0
		for i := range course {
			course[i] = noise
			mean += noise / n
			noise = 0.4*noise + math.Sqrt(1-0.16)*random.NormFloat64()
		}
		means += mean * mean / worlds
		said += Lingering(course) / worlds
	}
	if truth := means * n; said < truth*0.8 || said > truth*1.5 {
		t.Errorf("means vary %.2f times as much, said %.2f", truth, said)
	}
	if got := Lingering([]float64{1, 1, 1}); got != 1 {
		t.Error(got)
	}
}

// Outliers do not move the line of Theil and Sen; of Sen's own rule the slope is the median of all.
func TestTheilSen(t *testing.T) {
	slope, height, ok := TheilSen([]float64{1, 2, 3, 4, 10, 12, 18}, []float64{9, 15, 19, 20, 45, 55, 78}) // Sen (1968), section 4
	if !ok || math.Abs(slope-4) > 1e-9 || math.Abs(height-6) > 0.51 {
		t.Errorf("slope %g at height %g, want 4", slope, height)
	}
	if _, _, ok := TheilSen([]float64{1, 1}, []float64{1, 2}); ok {
		t.Error("a line through points above each other")
	}
	if got := TwoSided(2.0859634472658, 20); math.Abs(got-0.05) > 1e-6 {
		t.Errorf("t quantile of 20 degrees: %g", got)
	}
}
