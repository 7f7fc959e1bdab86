package stats

import (
	"math"
	"slices"
)

// TheilSen fits a line that outliers do not move: the median of the slopes of all
// pairs, and the median of what is left as its height at x = 0. ok is false with
// fewer than two different x. Sources: Theil (1950), Indagationes Mathematicae 12,
// 85-91; Sen (1968), JASA 63, 1379-1389.
func TheilSen(x, y []float64) (slope, intercept float64, ok bool) {
	var slopes []float64
	for i := range x {
		for j := i + 1; j < len(x); j++ {
			if x[i] != x[j] {
				slopes = append(slopes, (y[j]-y[i])/(x[j]-x[i]))
			}
		}
	}
	if len(slopes) == 0 {
		return 0, 0, false
	}
	slope = median(slopes)
	rest := make([]float64, len(x))
	for i := range x {
		rest[i] = y[i] - slope*x[i]
	}
	return slope, median(rest), true
}

// median sorts values and returns their median; NaN without any.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	slices.Sort(values)
	return Quantile(values, 0.5)
}
