package stats

import "math"

// MeanInterval returns the 95 % t interval of a mean of scores from 0 to 100,
// clipped to them; ok is false with fewer than two scores. Source: Student
// (1908), Biometrika 6, 1-25.
func MeanInterval(s Sample) (interval Interval, ok bool) {
	if s.N < 2 {
		return Interval{}, false
	}
	half := studentQuantile(float64(s.N-1)) * math.Sqrt(s.Variance/float64(s.N))
	return Interval{max(0, s.Mean-half), min(100, s.Mean+half)}, true
}
