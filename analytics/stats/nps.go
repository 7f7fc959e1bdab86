package stats

import "math"

// Promoters are the answers to "would you recommend it?", 0 to 10: those of 9
// and 10, those of 0 to 6, and all.
type Promoters struct{ Promoters, Detractors, N uint64 }

// Score is the net promoter score, -100 to 100; false without answers.
func (p Promoters) Score() (float64, bool) {
	if p.N == 0 {
		return 0, false
	}
	return 100 * (float64(p.Promoters) - float64(p.Detractors)) / float64(p.N), true
}

// adjusted is the estimate of the adjusted Wald method: three answers more, of
// which three quarters each are promoters and detractors; with its variance.
// Both are of a score from -1 to 1.
func (p Promoters) adjusted() (score, variance float64) {
	n := float64(p.N) + 3
	up, down := (float64(p.Promoters)+0.75)/n, (float64(p.Detractors)+0.75)/n
	return up - down, (up + down - (up-down)*(up-down)) / n
}

// Interval returns the 95 % interval of the score, -100 to 100; all of that
// without answers. Source: adjusted Wald for a difference of two multinomial
// shares, Bonett and Price (2012), Journal of Educational and Behavioral
// Statistics 37, 479-488, as Sauro and Lewis use it for NPS.
func (p Promoters) Interval() Interval {
	if p.N == 0 {
		return Interval{-100, 100}
	}
	score, variance := p.adjusted()
	half := z * math.Sqrt(variance)
	return Interval{max(-100, 100*(score-half)), min(100, 100*(score+half))}
}

// PromotersChange returns the difference of two scores, in points, with its 95 %
// interval, from the adjusted estimates; all of -200 to 200 when either has no answer.
func PromotersChange(now, before Promoters) (difference float64, interval Interval) {
	if now.N == 0 || before.N == 0 {
		return 0, Interval{-200, 200}
	}
	a, varianceA := now.adjusted()
	b, varianceB := before.adjusted()
	half := z * math.Sqrt(varianceA+varianceB)
	return 100 * (a - b), Interval{100 * (a - b - half), 100 * (a - b + half)}
}
