package target

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"example.com/officepulse/analytics/quarters"
	"example.com/officepulse/analytics/stats"
)

// Forecast is what the history lets expect of the due quarter.
type Forecast struct {
	Why         WhyNoForecast `json:"why,omitempty"`         // there is none; "": there is one
	Probability *float64      `json:"probability,omitempty"` // that the due quarter reaches the goal
	Method      string        `json:"method,omitempty"`
	Points      int           `json:"points"`         // that it rests on
	From        string        `json:"from,omitempty"` // first and last of them
	To          string        `json:"to,omitempty"`
	Band        []BandPoint   `json:"band"` // by quarter, from the first that is not over up to the due one
}

// BandPoint is what is expected of a quarter: the median, and the middle 80 %.
type BandPoint struct {
	Quarter quarters.Quarter `json:"quarter"`
	Low     float64          `json:"low"`
	Median  float64          `json:"median"`
	High    float64          `json:"high"`
}

// WhyNoForecast says why there is no forecast.
type WhyNoForecast string

// The reasons.
const (
	DueIsOver    WhyNoForecast = "over"
	TooFewPoints WhyNoForecast = "too_few_points"
)

// Of the forecast.
const (
	// Method is how the forecast is made.
	Method      = "theil_sen_block_bootstrap"
	LeastPoints = 4  // fewer say nothing
	MostPoints  = 12 // older ones tell of another time
	resamples   = 2000
	blockLength = 3 // points that follow each other are alike
	seed        = 20260930
)

// forecast draws the line of Theil and Sen through the newest points of the
// history, up to [MostPoints], and has it go on. 2,000 times what the line leaves
// over is drawn anew in blocks of three, once for the past, through which the line
// is drawn again, and once for what is to come; the share of the futures whose due
// quarter reaches the goal is the probability. A quarter's figure is the mean of its
// points, of which those that are known stay what they are. Sources: as
// [stats.TheilSen]; Künsch (1989), Annals of Statistics 17, 1217-1241, for the blocks.
func (t *Target) forecast(h *History, now time.Time, fiscal quarters.Fiscal) Forecast {
	f := Forecast{Band: []BandPoint{}}
	if !now.Before(fiscal.End(t.Due)) {
		f.Why = DueIsOver
		return f
	}
	points := h.Points[max(0, len(h.Points)-MostPoints):]
	f.Points = len(points)
	if len(points) < LeastPoints {
		f.Why = TooFewPoints
		return f
	}
	f.Method, f.From, f.To = Method, points[0].Period, points[len(points)-1].Period
	l := newLine(points)
	first := h.quarterOf(points[len(points)-1].At + 1)
	ahead := make([][]float64, max(0, t.Due.Minus(first)+1)) // simulated values of each
	random := rand.New(rand.NewPCG(seed, 0))                 //nolint:gosec // chance for statistics, repeatable on purpose
	most := t.most()
	for range resamples {
		slope, intercept := l.again(random)
		noise := l.noise(random, len(ahead)*h.PerQuarter)
		for i := range ahead {
			ahead[i] = append(ahead[i], h.imagined(first.Add(i), points, func(at, k int) float64 {
				return min(most, max(0, intercept+slope*float64(at)+noise[k%len(noise)]))
			}))
		}
	}
	for i := range ahead {
		slices.Sort(ahead[i])
		f.Band = append(f.Band, BandPoint{first.Add(i), stats.Quantile(ahead[i], 0.1), stats.Quantile(ahead[i], 0.5), stats.Quantile(ahead[i], 0.9)})
	}
	if len(ahead) == 0 { // all of the due quarter is known, and it is not over by the clock only
		f.Why = DueIsOver
		return f
	}
	reached := 0
	for _, v := range ahead[len(ahead)-1] {
		if !t.ahead(t.Goal, v) {
			reached++
		}
	}
	f.Probability = new(float64(reached) / resamples)
	return f
}

// imagined is the figure of a quarter, of which some points may be known. k
// numbers the points that are not.
func (h *History) imagined(q quarters.Quarter, known []Point, value func(at, k int) float64) float64 {
	last := known[len(known)-1].At
	from := q.Minus(h.First) * h.PerQuarter
	var sum float64
	for at := from; at < from+h.PerQuarter; at++ {
		if at > last {
			sum += value(at, at-last-1)
			continue
		}
		i, found := slices.BinarySearchFunc(known, at, func(p Point, at int) int { return p.At - at })
		if !found { // a gap in what is known: the point before
			i = max(0, i-1)
		}
		sum += known[i].Value
	}
	return sum / float64(h.PerQuarter)
}

// line is a fit with what it leaves over.
type line struct {
	x, fitted, rest  []float64
	slope, intercept float64
}

func newLine(points []Point) *line {
	l := &line{}
	var y []float64
	for _, p := range points {
		l.x, y = append(l.x, float64(p.At)), append(y, p.Value)
	}
	l.slope, l.intercept, _ = stats.TheilSen(l.x, y)
	n := float64(len(y))
	for i := range y {
		l.fitted = append(l.fitted, l.intercept+l.slope*l.x[i])
		// A line through n points lies nearer to them than to others: (n-2)/n.
		l.rest = append(l.rest, (y[i]-l.fitted[i])*math.Sqrt(n/(n-2)))
	}
	return l
}

// again is the line through the past as it might have been.
func (l *line) again(random *rand.Rand) (slope, intercept float64) {
	y := l.noise(random, len(l.x))
	for i := range y {
		y[i] += l.fitted[i]
	}
	slope, intercept, _ = stats.TheilSen(l.x, y)
	return slope, intercept
}

// noise draws n left-overs in blocks.
func (l *line) noise(random *rand.Rand, n int) []float64 {
	list := make([]float64, 0, n+blockLength)
	for len(list) < max(1, n) {
		at := random.IntN(len(l.rest) - blockLength + 1)
		list = append(list, l.rest[at:at+blockLength]...)
	}
	return list[:max(1, n)]
}
