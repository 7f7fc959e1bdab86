package stats

import (
	"math"
	"slices"
	"testing"
)

// The vectors are those of the shared reference figures (33 months of a help
// desk); the same are asked through the API elsewhere.
func TestXmRFindsEachRule(t *testing.T) {
	flat := []float64{10, 11, 10, 11, 10, 11, 10, 11, 10, 11}
	c := XmR(flat, Baseline{})
	if math.Abs(c.Centre-10.5) > 1e-9 || math.Abs(c.MeanRange-1) > 1e-9 || math.Abs(c.Points[0].High-13.16) > 1e-9 || math.Abs(c.RangeHigh-3.268) > 1e-9 || len(c.Signals) != 0 {
		t.Errorf("a quiet process: centre %v, mean range %v, high %v, ranges to %v, signals %v", c.Centre, c.MeanRange, c.Points[0].High, c.RangeHigh, c.Signals)
	}
	for name, test := range map[string]struct {
		after []float64
		want  Signal
	}{
		"a point outside":        {[]float64{20}, Signal{Outside, 10, 10, true}},
		"a jump":                 {[]float64{20}, Signal{Range, 10, 10, true}},
		"a run below":            {[]float64{10, 10.1, 10, 10.1, 10, 10.1, 10, 10.1}, Signal{Run, 10, 17, false}},
		"a rise":                 {[]float64{9, 9.2, 9.4, 9.6, 9.8, 10}, Signal{Trend, 10, 15, true}},
		"two of three beyond 2σ": {[]float64{12.5, 10, 12.5}, Signal{TwoOfThree, 10, 12, true}},
	} {
		got := XmR(slices.Concat(flat, test.after), Baseline{To: len(flat)})
		if !slices.Contains(got.Signals, test.want) {
			t.Errorf("%s: signals %+v, want %+v among them", name, got.Signals, test.want)
		}
	}
}

func TestXmRWithoutEnough(t *testing.T) {
	for _, values := range [][]float64{nil, {5}, {5, 5, 5, 5, 5, 5, 5, 5, 5, 5}} {
		if c := XmR(values, Baseline{}); len(c.Signals) != 0 || len(c.Points) != len(values) {
			t.Errorf("%v: %+v", values, c)
		}
	}
}

// A frozen baseline keeps its limits whatever comes after.
func TestBaselineIsFrozen(t *testing.T) {
	values := []float64{10, 11, 10, 11, 30, 31, 30, 31}
	before := XmR(values[:4], Baseline{})
	after := XmR(values, Baseline{To: 4})
	if before.Centre != after.Centre || before.Points[0].High != after.Points[7].High {
		t.Errorf("centre %v became %v", before.Centre, after.Centre)
	}
}

func TestSharesCharts(t *testing.T) {
	hits, n := []uint64{5, 6, 4, 30}, []uint64{100, 120, 80, 100}
	c := P(hits, n, Baseline{To: 3})
	if math.Abs(c.Centre-0.05) > 1e-12 || math.Abs(c.Points[0].High-(0.05+3*math.Sqrt(0.05*0.95/100))) > 1e-12 || c.Points[0].Low != 0 {
		t.Errorf("p chart: %+v", c.Points[0])
	}
	if !slices.Contains(c.Signals, Signal{Outside, 3, 3, true}) {
		t.Errorf("30 of 100 is no signal: %+v", c.Signals)
	}
	u := U([]uint64{100, 400}, []uint64{100, 100}, Baseline{To: 1})
	if u.Centre != 1 || math.Abs(u.Points[0].High-1.3) > 1e-12 || u.Points[0].Low <= 0.69 {
		t.Errorf("u chart: %+v", u.Points)
	}
	wide := LaneyP([]uint64{400, 600, 400, 600, 400}, []uint64{1000, 1000, 1000, 1000, 1000}, Baseline{})
	if wide.SigmaZ < 5 || len(wide.Signals) != 0 {
		t.Errorf("shares that vary far more than chance: sigma z %v, signals %+v", wide.SigmaZ, wide.Signals)
	}
	if empty := P(nil, nil, Baseline{}); len(empty.Points) != 0 {
		t.Errorf("nothing: %+v", empty)
	}
}
