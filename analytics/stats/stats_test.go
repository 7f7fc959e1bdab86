package stats

import (
	"math"
	"testing"
)

// near compares in per cent, to the decimal that the vectors are given with.
func near(t *testing.T, name string, got Interval, low, high float64) {
	t.Helper()
	if math.Abs(got.Low*100-low) > 0.05 || math.Abs(got.High*100-high) > 0.05 {
		t.Errorf("%s: got [%.2f, %.2f] %%, want [%.1f, %.1f] %%", name, got.Low*100, got.High*100, low, high)
	}
}

func TestWilson(t *testing.T) {
	near(t, "8 of 10", Wilson(8, 10), 49.0, 94.3)
	near(t, "5 of 5", Wilson(5, 5), 56.6, 100)
	near(t, "0 of 5", Wilson(0, 5), 0, 43.4)
	near(t, "nothing", Wilson(0, 0), 0, 100)
}

func TestNewcombe(t *testing.T) {
	near(t, "6 of 12, then 12 of 14", Newcombe(12, 14, 6, 12), 0.2, 62.4)
	near(t, "and back", Newcombe(6, 12, 12, 14), -62.4, -0.2)
	near(t, "nothing before", Newcombe(1, 2, 0, 0), -100, 100)
	if !Newcombe(12, 14, 6, 12).Excludes(0) || Newcombe(248, 3499, 245, 3499).Excludes(0) {
		t.Error("a change is told from noise by whether its interval holds 0")
	}
}
