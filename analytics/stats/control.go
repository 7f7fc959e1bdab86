package stats

import "math"

// Rule is what makes a point of a control chart a signal. The rules are few
// and fixed in advance: every one more would raise the share of false alarms.
type Rule string

// Rules. Sources: Wheeler, Understanding Variation (1993), for the chart of
// individual values; Western Electric, Statistical Quality Control Handbook
// (1956), zone rules.
const (
	Outside    Rule = "outside"      // a point outside the limits
	Run        Rule = "run"          // RunLength points or more in a row on one side of the centre
	Trend      Rule = "trend"        // TrendLength points or more in a row, each above (below) the one before
	TwoOfThree Rule = "two_of_three" // two of three points in a row beyond two sigma on one side
	Range      Rule = "range"        // XmR only: a moving range above its limit
)

// Lengths of the rules.
const (
	RunLength   = 8
	TrendLength = 6
)

// Constants of the chart of individual values: for ranges of two points, d2 =
// 1.128 and D4 = 3.268, so that 3/d2 = 2.66. Source: Montgomery, Introduction
// to Statistical Quality Control, appendix VI.
const (
	d2         = 1.128
	limitWidth = 2.66
	rangeLimit = 3.268
)

// Signal is where a rule fires: the points From to To, both included. Up says
// that they lie above the centre, rise, or exceed the upper limit.
type Signal struct {
	Rule Rule `json:"rule"`
	From int  `json:"from"`
	To   int  `json:"to"`
	Up   bool `json:"up"`
}

// ControlPoint is one point of a control chart with the limits that hold for it.
type ControlPoint struct {
	Value  float64 `json:"value"`
	N      uint64  `json:"n,omitzero"` // of which it is a share; 0 on an XmR chart
	Centre float64 `json:"centre"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Sigma  float64 `json:"sigma"` // of this point
}

// Chart is a control chart.
type Chart struct {
	Points    []ControlPoint `json:"points"`
	Centre    float64        `json:"centre"`
	Sigma     float64        `json:"sigma,omitzero"`      // XmR: mean moving range / 1.128
	MeanRange float64        `json:"mean_range,omitzero"` // XmR
	RangeHigh float64        `json:"range_high,omitzero"` // XmR: upper limit of the moving range
	SigmaZ    float64        `json:"sigma_z,omitzero"`    // p′: how much more the shares vary than their numbers explain
	Signals   []Signal       `json:"signals"`
}

// Baseline is the stretch of points that the limits are computed from, From to
// before To. Its zero value is all points. A frozen baseline keeps a slow drift
// from moving the limits along with it; it is set anew only at a recorded change
// of the process.
type Baseline struct{ From, To int }

func (b Baseline) of(n int) (from, to int) {
	if b.To <= b.From {
		return 0, n
	}
	return max(0, b.From), min(b.To, n)
}

// XmR is the chart of individual values and moving ranges: centre x̄, limits
// x̄ ± 2.66·mR̄, upper limit of the ranges 3.268·mR̄, sigma mR̄/1.128. Without two
// points in the baseline there are no limits: sigma is 0 and nothing signals.
func XmR(values []float64, baseline Baseline) Chart {
	from, to := baseline.of(len(values))
	base := values[from:to]
	c := Chart{Centre: average(base)}
	c.MeanRange = meanRange(base)
	c.Sigma, c.RangeHigh = c.MeanRange/d2, rangeLimit*c.MeanRange
	width := limitWidth * c.MeanRange
	for _, v := range values {
		c.Points = append(c.Points, ControlPoint{Value: v, Centre: c.Centre, Low: c.Centre - width, High: c.Centre + width, Sigma: c.Sigma})
	}
	if c.MeanRange == 0 {
		return c
	}
	c.Signals = signals(c.Points)
	for i := 1; i < len(values); i++ {
		if math.Abs(values[i]-values[i-1]) > c.RangeHigh {
			c.Signals = append(c.Signals, Signal{Rule: Range, From: i, To: i, Up: values[i] > values[i-1]})
		}
	}
	return c
}

// P is the chart of shares hits/n: centre p̄ = Σhits/Σn, limits p̄ ± 3√(p̄(1−p̄)/nᵢ)
// within 0 to 1. A point with n = 0 has no place on it: leave it out.
func P(hits, n []uint64, baseline Baseline) Chart { return shares(hits, n, baseline, 1, bernoulli, 1) }

// U is the chart of faults per unit: centre ū = Σfaults/Σunits, limits
// ū ± 3√(ū/nᵢ), not below 0.
func U(faults, n []uint64, baseline Baseline) Chart {
	return shares(faults, n, baseline, 1, poisson, math.Inf(1))
}

// LaneyP is the p′ chart for large n, where chance alone explains too little:
// each sigma of [P] times σ_z = mean|Δzᵢ|/1.128 over the baseline. Source: Laney
// (2002), Quality Engineering 14, 531-537.
func LaneyP(hits, n []uint64, baseline Baseline) Chart {
	plain := P(hits, n, baseline)
	from, to := baseline.of(len(n))
	var z []float64
	for _, p := range plain.Points[from:to] {
		if p.Sigma > 0 {
			z = append(z, (p.Value-p.Centre)/p.Sigma)
		}
	}
	sigmaZ := meanRange(z) / d2
	c := shares(hits, n, baseline, sigmaZ, bernoulli, 1)
	c.SigmaZ = sigmaZ
	return c
}

func bernoulli(p float64) float64 { return p * (1 - p) }
func poisson(u float64) float64   { return u }

// shares draws a chart of hits/n whose points vary by widen·√(variance(p̄)/nᵢ).
func shares(hits, n []uint64, baseline Baseline, widen float64, variance func(float64) float64, most float64) Chart {
	from, to := baseline.of(len(n))
	var allHits, all uint64
	for i := from; i < to; i++ {
		allHits, all = allHits+hits[i], all+n[i]
	}
	var c Chart
	if all == 0 {
		return c
	}
	c.Centre = float64(allHits) / float64(all)
	for i := range n {
		sigma := widen * math.Sqrt(variance(c.Centre)/float64(n[i]))
		c.Points = append(c.Points, ControlPoint{
			Value: float64(hits[i]) / float64(n[i]), N: n[i], Centre: c.Centre, Sigma: sigma,
			Low: max(0, c.Centre-3*sigma), High: min(most, c.Centre+3*sigma),
		})
	}
	if len(n) > 1 && c.Points[0].Sigma > 0 {
		c.Signals = signals(c.Points)
	}
	return c
}

func average(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// meanRange is the mean of |xᵢ − xᵢ₋₁|, 0 with fewer than two values.
func meanRange(values []float64) float64 {
	if len(values) < 2 {
		return 0
	}
	var sum float64
	for i := 1; i < len(values); i++ {
		sum += math.Abs(values[i] - values[i-1])
	}
	return sum / float64(len(values)-1)
}

// signals applies the rules that hold for every kind of chart.
func signals(points []ControlPoint) []Signal {
	var found []Signal
	for i, p := range points {
		if p.Value > p.High || p.Value < p.Low {
			found = append(found, Signal{Rule: Outside, From: i, To: i, Up: p.Value > p.High})
		}
	}
	found = append(found, stretches(points, Run, RunLength, side)...)
	found = append(found, stretches(points, Trend, TrendLength, direction)...)
	for i := 2; i < len(points); i++ {
		for _, up := range []bool{true, false} {
			if beyond(points[i-2:i+1], up) >= 2 {
				found = append(found, Signal{Rule: TwoOfThree, From: i - 2, To: i, Up: up})
			}
		}
	}
	return found
}

// side is 1 above the centre, -1 below, 0 on it.
func side(points []ControlPoint, i int) int { return sign(points[i].Value - points[i].Centre) }

// direction is 1 when point i lies above the one before, -1 below.
func direction(points []ControlPoint, i int) int {
	if i == 0 {
		return 0
	}
	return sign(points[i].Value - points[i-1].Value)
}

func sign(v float64) int {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}

// stretches finds the longest stretches of points with one and the same sign,
// each of least points or more. A stretch of a trend begins at the point before
// its first step.
func stretches(points []ControlPoint, rule Rule, least int, of func([]ControlPoint, int) int) []Signal {
	var found []Signal
	for i := 0; i < len(points); {
		s, j := of(points, i), i+1
		for j < len(points) && of(points, j) == s {
			j++
		}
		from := i
		if rule == Trend && from > 0 {
			from--
		}
		if s != 0 && j-from >= least {
			found = append(found, Signal{Rule: rule, From: from, To: j - 1, Up: s > 0})
		}
		i = j
	}
	return found
}

// beyond counts the points more than two sigma from the centre on one side.
func beyond(points []ControlPoint, up bool) (n int) {
	for _, p := range points {
		if off := p.Value - p.Centre; (up && off > 2*p.Sigma) || (!up && off < -2*p.Sigma) {
			n++
		}
	}
	return n
}
