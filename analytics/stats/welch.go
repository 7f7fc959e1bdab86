package stats

import "math"

// Sample sums up some scores.
type Sample struct {
	N        uint64
	Mean     float64
	Variance float64 // of the sample, with n−1
}

// Welch returns the 95 % interval of the difference after − before of two simple
// means of groups' means, such as departments'; of one group each it is the
// interval of Welch's t test. ok is false when a side has no group, or one of
// fewer than two scores, whose spread nobody knows, or when nothing varies. Sources: Welch (1947), Biometrika
// 34, 28-35; degrees of freedom by Satterthwaite (1946), Biometrics Bulletin 2,
// 110-114, which holds for any sum of independent means.
func Welch(after, before []Sample) (interval Interval, ok bool) {
	if len(after) == 0 || len(before) == 0 {
		return Interval{}, false
	}
	now, nowSpread, nowFreedom, ok := meanOfMeans(after)
	then, thenSpread, thenFreedom, known := meanOfMeans(before)
	spread := nowSpread + thenSpread
	if !ok || !known || spread == 0 {
		return Interval{}, false
	}
	freedom := spread * spread / (nowFreedom + thenFreedom)
	half := studentQuantile(freedom) * math.Sqrt(spread)
	return Interval{Low: now - then - half, High: now - then + half}, true
}

// WeightedMean returns the mean of groups' means under weights ≥ 0, of which one
// is above, with its 95 % t interval clipped to scores from 0 to 100; ok is false
// where a group of fewer than two scores leaves its spread unknown. With equal
// weights it is the simple mean. Degrees of freedom by Satterthwaite (1946).
func WeightedMean(groups []Sample, weights []float64) (mean float64, interval Interval, ok bool) {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	variance, freedom := 0.0, 0.0
	ok = len(groups) > 0 && total > 0
	for i, g := range groups {
		share := weights[i] / total
		mean += share * g.Mean
		if g.N < 2 {
			ok = false
			continue
		}
		v := share * share * g.Variance / float64(g.N)
		variance += v
		freedom += v * v / float64(g.N-1)
	}
	if !ok {
		return mean, Interval{}, false
	}
	if variance == 0 {
		return mean, Interval{mean, mean}, true
	}
	half := studentQuantile(variance*variance/freedom) * math.Sqrt(variance)
	return mean, Interval{max(0, mean-half), min(100, mean+half)}, true
}

// meanOfMeans is the simple mean of groups' means with its variance, and the sum
// that Satterthwaite divides by.
func meanOfMeans(groups []Sample) (mean, variance, freedom float64, ok bool) {
	k := float64(len(groups))
	for _, g := range groups {
		if g.N < 2 {
			return 0, 0, 0, false
		}
		v := g.Variance / float64(g.N) / (k * k)
		mean += g.Mean / k
		variance += v
		freedom += v * v / float64(g.N-1)
	}
	return mean, variance, freedom, true
}

// studentQuantile is the quantile of Student's t distribution that leaves 2.5 %
// above it, found by halving.
func studentQuantile(freedom float64) float64 {
	low, high := 0.0, 1.0
	for studentTail(high, freedom) > 0.025 {
		high *= 2
	}
	for range 100 {
		middle := (low + high) / 2
		if studentTail(middle, freedom) > 0.025 {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// studentTail is P(T > t) for t ≥ 0: half of I_x(ν/2, 1/2) at x = ν/(ν+t²).
// Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.1.
func studentTail(t, freedom float64) float64 {
	return incompleteBeta(freedom/(freedom+t*t), freedom/2, 0.5) / 2
}

// incompleteBeta is the regularised incomplete beta function I_x(a, b), by its
// continued fraction. Source: NIST Digital Library of Mathematical Functions,
// 8.17.22, and 8.17.4 for the other side; evaluated by Lentz's method.
func incompleteBeta(x, a, b float64) float64 {
	if x <= 0 || x >= 1 {
		return max(0, min(1, x))
	}
	if x > (a+1)/(a+b+2) {
		return 1 - incompleteBeta(1-x, b, a)
	}
	const tiny, enough = 1e-300, 1e-15
	f, c, d := 1.0, 1.0, 0.0
	for i := range 10_000 {
		m := float64(i / 2)
		numerator := 1.0
		switch {
		case i == 0:
		case i%2 == 0:
			numerator = m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		default:
			numerator = -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		}
		if d = 1 + numerator*d; math.Abs(d) < tiny {
			d = tiny
		}
		if c = 1 + numerator/c; math.Abs(c) < tiny {
			c = tiny
		}
		d = 1 / d
		f *= c * d
		if math.Abs(1-c*d) < enough {
			break
		}
	}
	logBeta := func(x float64) float64 { v, _ := math.Lgamma(x); return v }
	return math.Exp(logBeta(a+b)-logBeta(a)-logBeta(b)+a*math.Log(x)+b*math.Log1p(-x)) / a * (f - 1)
}
