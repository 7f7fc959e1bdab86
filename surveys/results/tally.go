package results

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"example.com/officepulse/analytics/stats"
	"example.com/officepulse/surveys/questionnaire"
)

// item is a question that is counted, or a row of a matrix.
type item struct {
	at      int    // its place among the items
	key     string // under which it is answered
	kind    questionnaire.Type
	text    questionnaire.Text
	service string
	weight  float64 // 0: does not count towards a person's score
	scale   string
	points  map[float64]float64 // of a level by its value
	values  []string            // levels (best first), numbers or option keys
	top     map[float64]bool    // the two best of five levels; nil for another scale
}

// itemsOf are the items of a questionnaire, without what people write.
func itemsOf(q *questionnaire.Questionnaire) []item {
	var items []item
	add := func(it item) {
		it.at = len(items)
		items = append(items, it)
	}
	for i := range q.Questions {
		one := &q.Questions[i]
		it := item{key: one.Key, kind: one.Type, text: one.Text, service: one.Service, weight: one.Weight, scale: scaleOf(one)}
		switch one.Type {
		case questionnaire.Level:
			it.levels(one.Levels)
			add(it)
		case questionnaire.Matrix:
			it.levels(one.Levels)
			for _, row := range one.Rows {
				of := it
				of.key, of.weight = questionnaire.RowKey(one.Key, row.Key), one.Weight/float64(len(one.Rows))
				of.text = questionnaire.Text{ZH: one.Text.In("zh") + "：" + row.Text.In("zh"), EN: one.Text.In("en") + ": " + row.Text.In("en")}
				if row.Service != "" {
					of.service = row.Service
				}
				add(of)
			}
		case questionnaire.Score:
			add(it)
		case questionnaire.NPS:
			for n := 10; n >= 0; n-- {
				it.values = append(it.values, strconv.Itoa(n))
			}
			add(it)
		case questionnaire.Single, questionnaire.Multiple, questionnaire.Ranking:
			for _, o := range one.Options {
				it.values = append(it.values, o.Key)
			}
			add(it)
		case questionnaire.FreeText:
		}
	}
	return items
}

func (it *item) levels(levels []questionnaire.Step) {
	it.points = make(map[float64]float64, len(levels))
	best := slices.Clone(levels)
	slices.SortStableFunc(best, func(a, b questionnaire.Step) int { return int(math.Copysign(1, b.Points-a.Points)) })
	for i, s := range best {
		it.points[float64(s.Value)] = s.Points
		it.values = append(it.values, strconv.Itoa(s.Value))
		if len(levels) == 5 && i < 2 {
			if it.top == nil {
				it.top = make(map[float64]bool)
			}
			it.top[float64(s.Value)] = true
		}
	}
}

// scaleOf names what the values of a question can be; questions of one key and
// one scale make a trend, whatever the levels are worth or called.
func scaleOf(q *questionnaire.Question) string {
	switch q.Type {
	case questionnaire.Level, questionnaire.Matrix:
		values := make([]int, len(q.Levels))
		for i, s := range q.Levels {
			values[i] = s.Value
		}
		slices.Sort(values)
		return "level " + strings.Trim(fmt.Sprint(values), "[]")
	case questionnaire.Score:
		return "0 to 100"
	case questionnaire.NPS:
		return "0 to 10"
	default:
		return string(q.Type)
	}
}

// basisOf says what a person's score is made of.
func basisOf(items []item) string {
	var b strings.Builder
	for i := range items {
		if items[i].weight > 0 {
			fmt.Fprintf(&b, "%s|%s|%g\n", items[i].key, items[i].scale, items[i].weight)
		}
	}
	return b.String()
}

// value is what an answer to an item is worth, and whether it is an answer at
// all: one that the scale does not have is none.
func (it *item) value(a *answer) (value, points float64, ok bool) {
	value, ok = a.Numbers[it.key]
	if !ok {
		return 0, 0, false
	}
	switch it.kind {
	case questionnaire.Level, questionnaire.Matrix:
		points, ok = it.points[value]
		return value, points, ok
	case questionnaire.NPS:
		return value, 0, value >= 0 && value <= 10 && value == math.Floor(value)
	default:
		return value, value, value >= 0 && value <= 100
	}
}

// tally counts a group's answers to one item.
type tally struct {
	n            uint64
	sum, squares float64 // of points
	top          uint64
	nps          stats.Promoters
	counts       map[string]uint64
}

func (t *tally) count(value string) {
	if t.counts == nil {
		t.counts = make(map[string]uint64)
	}
	t.counts[value]++
}

// add counts one person's answer, if there is one.
func (t *tally) add(it *item, a *answer) bool {
	switch it.kind {
	case questionnaire.Single, questionnaire.Multiple, questionnaire.Ranking:
		return t.choose(it, a)
	default:
	}
	value, points, ok := it.value(a)
	if !ok {
		return false
	}
	t.n++
	t.sum += points
	t.squares += points * points
	if it.top[value] {
		t.top++
	}
	if it.kind == questionnaire.NPS {
		t.nps.N++
		switch {
		case value >= 9:
			t.nps.Promoters++
		case value <= 6:
			t.nps.Detractors++
		}
	}
	if it.kind != questionnaire.Score {
		t.count(strconv.Itoa(int(value)))
	}
	return true
}

// choose counts the options chosen; of a ranking the first choice.
func (t *tally) choose(it *item, a *answer) bool {
	chosen := a.Choices[it.key]
	if text, ok := a.Texts[it.key]; ok && it.kind == questionnaire.Single {
		chosen = []string{text}
	}
	if it.kind == questionnaire.Ranking && len(chosen) > 1 {
		chosen = chosen[:1]
	}
	known := false
	for _, key := range slices.Compact(slices.Sorted(slices.Values(chosen))) {
		if slices.Contains(it.values, key) {
			t.count(key)
			known = true
		}
	}
	if known {
		t.n++
	}
	return known
}

func (t *tally) join(o *tally) {
	t.n += o.n
	t.sum += o.sum
	t.squares += o.squares
	t.top += o.top
	t.nps.N += o.nps.N
	t.nps.Promoters += o.nps.Promoters
	t.nps.Detractors += o.nps.Detractors
	for value, n := range o.counts {
		if t.counts == nil {
			t.counts = make(map[string]uint64)
		}
		t.counts[value] += n
	}
}

// sample sums up the points.
func (t *tally) sample() stats.Sample {
	return sampleOf(t.n, t.sum, t.squares)
}

func sampleOf(n uint64, sum, squares float64) stats.Sample {
	s := stats.Sample{N: n, Mean: sum / float64(n)}
	if n > 1 {
		s.Variance = max(0, (squares-sum*s.Mean)/float64(n-1))
		if s.Variance < 1e-9 { // what subtracting leaves of nothing
			s.Variance = 0
		}
	}
	return s
}

// numbers are how many gave which answer, in the questionnaire's order.
func (t *tally) numbers(it *item, department string) []Count {
	counts := make([]Count, 0, len(it.values))
	for _, value := range it.values {
		counts = append(counts, Count{department, it.key, value, t.counts[value]})
	}
	return counts
}

// figures are a tally's, which has an answer.
func (t *tally) figures(it *item) Figures {
	f := Figures{N: t.n, Indicative: t.n < Indicative}
	switch it.kind {
	case questionnaire.Level, questionnaire.Matrix, questionnaire.Score:
		f.mean(t.sample())
		if it.top != nil {
			f.share = shareOf{float64(t.top) / float64(t.n), float64(t.n)}
			f.Share, f.ShareLow, f.ShareHigh = f.share.interval()
		}
	case questionnaire.NPS:
		f.nps = t.nps
		score, _ := t.nps.Score()
		i := t.nps.Interval()
		f.NPS, f.NPSLow, f.NPSHigh = &score, &i.Low, &i.High
	default:
	}
	return f
}

func (f *Figures) mean(s stats.Sample) {
	f.sample, f.Mean = s, &s.Mean
	if i, ok := stats.MeanInterval(s); ok {
		f.MeanLow, f.MeanHigh = &i.Low, &i.High
	}
}

// group is a department's answers.
type group struct {
	people  int // who answered anything
	rated   int // who answered something that counts towards the score
	tallies []tally
	scores  []row
}

// row are a person's points by item, of those that count; NaN where there is none.
type row []float64

func newGroup(items []item) *group { return &group{tallies: make([]tally, len(items))} }

func (g *group) add(a *answer, items []item) {
	g.people++
	points := make(row, len(items))
	rated := false
	for i := range items {
		points[i] = math.NaN()
		if !g.tallies[i].add(&items[i], a) || items[i].weight == 0 {
			continue
		}
		_, points[i], _ = items[i].value(a)
		rated = true
	}
	if rated {
		g.rated++
		g.scores = append(g.scores, points)
	}
}

// composite is a department's own figure: the weighted mean of the means of its
// shown items. Where everybody answered all of them it is the mean of the
// persons' scores, and has their spread. Where somebody left one out, the
// persons' scores would betray them: beside the items' means they make one
// equation more than there are unknown. Then the spread is the largest that the
// items' own spreads allow.
func (g *group) composite(items []item, shown []bool) (f Figures, ok bool) {
	var counted []int
	weights := 0.0
	for i := range items {
		if shown[i] && items[i].weight > 0 {
			counted = append(counted, i)
			weights += items[i].weight
		}
	}
	if len(counted) == 0 {
		return f, false
	}
	mean, deviation, least := 0.0, 0.0, uint64(math.MaxUint64)
	hits, ratings := 0.0, 0.0
	for _, i := range counted {
		t := &g.tallies[i]
		s := t.sample()
		mean += items[i].weight / weights * s.Mean
		deviation += items[i].weight / weights * math.Sqrt(s.Variance/float64(s.N))
		least = min(least, t.n)
		if items[i].top != nil {
			hits += float64(t.top)
			ratings += float64(t.n)
		}
	}
	s := stats.Sample{N: least, Mean: mean, Variance: deviation * deviation * float64(least)}
	if whole, complete := g.persons(items, counted, weights); complete {
		s.Variance = whole.Variance
	}
	f.N, f.Indicative = least, least < Indicative
	f.mean(s)
	if ratings > 0 {
		f.share = shareOf{hits / ratings, float64(least)} // a person's ratings go together: they are known as well as from one each
		f.Share, f.ShareLow, f.ShareHigh = f.share.interval()
	}
	return f, true
}

// persons sums up the persons' scores; complete is false when somebody left an item out.
func (g *group) persons(items []item, counted []int, weights float64) (s stats.Sample, complete bool) {
	n, sum, squares := uint64(0), 0.0, 0.0
	for _, points := range g.scores {
		score, given := 0.0, 0
		for _, i := range counted {
			if !math.IsNaN(points[i]) {
				score += items[i].weight / weights * points[i]
				given++
			}
		}
		switch given {
		case 0:
		case len(counted):
			n++
			sum += score
			squares += score * score
		default:
			return s, false
		}
	}
	return sampleOf(n, sum, squares), true
}
