package stats

import "math"

// Segment is a straight course that breaks at an instant.
type Segment struct {
	Level  Estimate // b2: the jump at the break
	Slope  Estimate // b3: how much steeper the course is after it, a unit of x
	Before Estimate // b1: the slope before
	Effect Estimate // b2 + b3·mid: how far the middle of the time after lies from where the course before leads
	N      int
}

// Estimate is a figure with its 95 % interval and how likely one as far from
// zero is by chance.
type Estimate struct {
	Value    float64
	Interval Interval
	P        float64 // two-sided
}

// Segmented fits y = b0 + b1·t + b2·D + b3·(t − T0)·D by least squares with
// weights, D being 1 from T0 on. Neighbours in time may be alike: the errors are
// those of Newey and West with lags up to lags, the quantiles Student's with n − 4
// degrees of freedom. ok is false with fewer than 8 points on a side. Sources:
// Bernal, Cummins and Gasparrini (2017), International Journal of Epidemiology 46,
// 348-355; Newey and West (1987), Econometrica 55, 703-708.
func Segmented(t, y, weight []float64, t0 float64, lags int) (s Segment, ok bool) {
	var rows [][4]float64
	var after, last float64
	for _, at := range t {
		row := [4]float64{1, at - t0, 0, 0}
		if at >= t0 {
			row[2], row[3] = 1, at-t0
			after++
			last = max(last, at-t0)
		}
		rows = append(rows, row)
	}
	if after < LeastBlocks || float64(len(t))-after < LeastBlocks {
		return s, false
	}
	inverse, ok := inverted(moment(rows, weight))
	if !ok {
		return s, false
	}
	var right [4]float64
	for i, row := range rows {
		for j := range right {
			right[j] += weight[i] * row[j] * y[i]
		}
	}
	b := times(inverse, right)
	score := make([][4]float64, len(rows)) // of every point: weight · row · what is left over
	for i, row := range rows {
		rest := y[i] - dot(row, b)
		for j := range row {
			score[i][j] = weight[i] * row[j] * rest
		}
	}
	covariance := sandwich(inverse, longRun(score, lags), float64(len(rows)))
	freedom := float64(len(rows) - 4)
	estimate := func(contrast [4]float64) Estimate {
		value, variance := dot(contrast, b), dot(contrast, times(covariance, contrast))
		e := Estimate{Value: value, P: 1}
		spread := math.Sqrt(max(0, variance))
		half := studentQuantile(freedom) * spread
		e.Interval = Interval{value - half, value + half}
		if spread > 0 {
			e.P = 2 * studentTail(math.Abs(value)/spread, freedom)
		}
		return e
	}
	s.N = len(rows)
	s.Before, s.Level, s.Slope = estimate([4]float64{1: 1}), estimate([4]float64{2: 1}), estimate([4]float64{3: 1})
	s.Effect = estimate([4]float64{2: 1, 3: last / 2})
	return s, true
}

func moment(rows [][4]float64, weight []float64) (m [4][4]float64) {
	for i, row := range rows {
		for j := range row {
			for k := range row {
				m[j][k] += weight[i] * row[j] * row[k]
			}
		}
	}
	return m
}

// longRun is what scores that follow each other vary by, with Bartlett's weights.
func longRun(score [][4]float64, lags int) (m [4][4]float64) {
	for lag := 0; lag <= lags; lag++ {
		share := 1 - float64(lag)/float64(lags+1)
		for i := lag; i < len(score); i++ {
			for j := range 4 {
				for k := range 4 {
					v := share * score[i][j] * score[i-lag][k]
					m[j][k] += v
					if lag > 0 {
						m[k][j] += v
					}
				}
			}
		}
	}
	return m
}

func sandwich(bread, filling [4][4]float64, n float64) (m [4][4]float64) {
	for j := range 4 {
		for k := range 4 {
			for a := range 4 {
				for c := range 4 {
					m[j][k] += bread[j][a] * filling[a][c] * bread[c][k] * n / (n - 4)
				}
			}
		}
	}
	return m
}

func dot(a, b [4]float64) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] + a[3]*b[3] }

func times(m [4][4]float64, v [4]float64) (w [4]float64) {
	for i := range m {
		w[i] = dot(m[i], v)
	}
	return w
}

// inverted inverts by Gauss and Jordan with pivots; ok is false of a matrix that
// has no inverse.
func inverted(m [4][4]float64) (inverse [4][4]float64, ok bool) {
	for i := range inverse {
		inverse[i][i] = 1
	}
	for i := range m {
		pivot := i
		for r := i + 1; r < 4; r++ {
			if math.Abs(m[r][i]) > math.Abs(m[pivot][i]) {
				pivot = r
			}
		}
		if math.Abs(m[pivot][i]) < 1e-12 {
			return inverse, false
		}
		m[i], m[pivot] = m[pivot], m[i]
		inverse[i], inverse[pivot] = inverse[pivot], inverse[i]
		scale := m[i][i]
		for c := range 4 {
			m[i][c] /= scale
			inverse[i][c] /= scale
		}
		for r := range 4 {
			if factor := m[r][i]; r != i {
				for c := range 4 {
					m[r][c] -= factor * m[i][c]
					inverse[r][c] -= factor * inverse[i][c]
				}
			}
		}
	}
	return inverse, true
}

// TwoSided is how likely a t at least as far from zero is by chance.
func TwoSided(t, freedom float64) float64 {
	if math.IsNaN(t) || freedom <= 0 {
		return 1
	}
	return min(1, 2*studentTail(math.Abs(t), freedom))
}

// mostLingering is how alike neighbours are taken to be at most: of a series that
// wanders more than that, a mean says nothing anyway.
const mostLingering = 0.9

// farLags is how many neighbours back points may be alike.
const farLags = 6

// Lingering is by how much more the mean of a series varies than it would if its
// points had nothing to do with each other, never below 1: the larger of what
// follows if each point keeps a share ρ of the one before, (1 + ρ)/(1 − ρ), and of
// 1 + 2·Σ(1 − k/7)·ρₖ over six lags, which sees a mood under much noise. ρₖ are
// those of the courses together, each about its own mean; of short series the
// estimates are too low by about (1 + 3ρ)/n, which is put right. Sources: Box,
// Jenkins and Reinsel, Time Series Analysis, 3rd edition (1994), 2.1; Newey and West
// as in [Segmented]; Kendall (1954), Biometrika 41, 403-404.
func Lingering(courses ...[]float64) float64 {
	var products [farLags + 1]float64
	var n float64
	for _, course := range courses {
		mean := average(course)
		n += float64(len(course)) / float64(len(courses))
		for lag := range products {
			for i := lag; i < len(course); i++ {
				products[lag] += (course[i] - mean) * (course[i-lag] - mean)
			}
		}
	}
	if products[0] == 0 {
		return 1
	}
	keeps, far := 0.0, 1.0
	for lag := 1; lag <= farLags; lag++ {
		rho := products[lag] / products[0]
		rho = min(mostLingering, rho+(1+3*rho)/n)
		if lag == 1 {
			keeps = max(0, rho)
		}
		far += 2 * (1 - float64(lag)/(farLags+1)) * rho
	}
	return max(far, (1+keeps)/(1-keeps))
}
