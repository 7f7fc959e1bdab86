// Package results says what came of a wave: the answers of a closed wave come in;
// scores, shares, intervals, differences and comments of the groups that may be
// shown go out. Answers themselves never leave it: [publish] and [listComments]
// are the only ways out, and both ask analytics/anonymity.
package results

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"example.com/officepulse/analytics/anonymity"
	"example.com/officepulse/analytics/stats"
	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/wave"
)

// Errors by which a caller decides.
var (
	ErrUnknown  = errors.New("there is no such wave, question or comment")
	ErrNotReady = errors.New("nothing of a wave is shown before it is closed and its last answer is stored")
)

// Indicative is the number of answers below which a figure is no more than a hint.
const Indicative = 10

// Report is what came of a wave, as the API spells it.
type Report struct {
	Wave          string             `json:"wave"`
	Quarter       string             `json:"quarter"`
	Title         questionnaire.Text `json:"title"`
	Questionnaire string             `json:"questionnaire"` // with its version
	State         wave.State         `json:"state"`
	Anonymous     bool               `json:"anonymous"`
	Closes        time.Time          `json:"closes"`
	Rule          anonymity.Rule     `json:"rule"`

	Response Response `json:"response"`
	Overall  Overall  `json:"overall"`

	Departments []Department `json:"departments"` // all that were asked, in the wave's order
	Questions   []Question   `json:"questions"`   // all that are counted, of all answers together
	Cells       []Cell       `json:"cells"`       // each department × question
	Counts      []Count      `json:"counts"`      // how many gave which answer, where that may be shown

	basis string // what a person's score is made of; scores with another cannot be compared
}

// Response is how many answered.
type Response struct {
	Expected int     `json:"expected"`
	Answered int     `json:"answered"` // can be more where a department shares a link
	Rate     float64 `json:"rate"`     // Answered / Expected
}

// Figures are those of a group. What its question does not have is nil.
type Figures struct {
	N          uint64 `json:"n,omitempty"`          // answers; absent where the group is hidden
	Indicative bool   `json:"indicative,omitempty"` // n is under ten

	Mean     *float64 `json:"mean,omitempty"` // 满意度, 0 to 100
	MeanLow  *float64 `json:"mean_low,omitempty"`
	MeanHigh *float64 `json:"mean_high,omitempty"`

	Share     *float64 `json:"share,omitempty"` // 满意率, the top two of five levels, 0 to 1
	ShareLow  *float64 `json:"share_low,omitempty"`
	ShareHigh *float64 `json:"share_high,omitempty"`

	NPS     *float64 `json:"nps,omitempty"` // −100 to 100
	NPSLow  *float64 `json:"nps_low,omitempty"`
	NPSHigh *float64 `json:"nps_high,omitempty"`

	sample stats.Sample // of the mean
	share  shareOf
	nps    stats.Promoters
}

// shareOf is a share known as well as from n answers.
type shareOf struct{ share, n float64 }

// Count is how many gave one answer: a level, a number or an option.
type Count struct {
	Department string `json:"department,omitempty"` // "" for all
	Question   string `json:"question"`
	Value      string `json:"value"`
	Count      uint64 `json:"count"`
}

// Department is what one thinks of the office.
type Department struct {
	Department string             `json:"department"`
	Name       questionnaire.Text `json:"name"` // as it was at the opening
	Headcount  int                `json:"headcount"`
	Response
	Hidden anonymity.Reason `json:"hidden,omitempty"` // why there are no figures
	Figures
	Shrunk *float64 `json:"shrunk,omitempty"` // the mean, moved towards that of all the more the less is known
	Rank   int      `json:"rank,omitempty"`   // by Shrunk, from 1; equals share one
}

// Question is one question, of all answers of all departments.
type Question struct {
	Question string             `json:"question"` // key
	Text     questionnaire.Text `json:"text"`
	Type     questionnaire.Type `json:"type"`
	Service  string             `json:"service,omitempty"`
	Weight   float64            `json:"weight,omitempty"`
	Scale    string             `json:"scale"` // trends join on question and scale
	Hidden   anonymity.Reason   `json:"hidden,omitempty"`
	Figures
}

// Cell is one department's answers to one question.
type Cell struct {
	Department string           `json:"department"`
	Question   string           `json:"question"`
	Hidden     anonymity.Reason `json:"hidden,omitempty"`
	Figures
}

// Overall are the departments that are shown, taken together.
type Overall struct {
	Departments int    `json:"departments"` // shown
	Hidden      int    `json:"hidden"`      // not shown, and in none of these figures
	N           uint64 `json:"n"`           // answers of those shown
	Indicative  bool   `json:"indicative,omitempty"`

	Mean         *float64 `json:"mean,omitempty"` // the headline: simple mean of the departments
	MeanLow      *float64 `json:"mean_low,omitempty"`
	MeanHigh     *float64 `json:"mean_high,omitempty"`
	Weighted     *float64 `json:"weighted,omitempty"` // by headcount
	WeightedLow  *float64 `json:"weighted_low,omitempty"`
	WeightedHigh *float64 `json:"weighted_high,omitempty"`
	Share        *float64 `json:"share,omitempty"` // of the ratings given
	ShareLow     *float64 `json:"share_low,omitempty"`
	ShareHigh    *float64 `json:"share_high,omitempty"`

	share shareOf
}

// answer is one filled-in questionnaire.
type answer struct {
	ID         string              `ch:"answer_id"`
	Department string              `ch:"department"`
	Numbers    map[string]float64  `ch:"numbers"`
	Texts      map[string]string   `ch:"texts"`
	Choices    map[string][]string `ch:"choices"`
}

// asked is a wave with all that its results are made of.
type asked struct {
	wave          *wave.Wave
	questionnaire *questionnaire.Questionnaire
	answers       []answer
}

// publish makes the report of a wave: the one way from answers to figures.
//
// Departments with too few answers are hidden, then, question by question, those
// with too few answers to it. A department's own figure is made of its shown cells
// and of nothing else, the overall figures of the shown departments; those of a
// question, of all groups of it. So everything derives from groups that are large
// enough and do not overlap.
func publish(a *asked, rule anonymity.Rule) *Report {
	w := a.wave
	items := itemsOf(a.questionnaire)
	groups := make(map[string]*group, len(w.Departments))
	for _, d := range w.Departments {
		groups[d.Key] = newGroup(items)
	}
	for i := range a.answers {
		if g, ok := groups[a.answers[i].Department]; ok { // who was not asked does not count
			g.add(&a.answers[i], items)
		}
	}
	r := &Report{
		Wave: w.Key, Quarter: w.Quarter.String(), Title: w.Title, Questionnaire: w.Questionnaire.ID(), State: w.State,
		Anonymous: w.Anonymous, Closes: w.Closes, Rule: rule, basis: basisOf(items),
	}
	sizes := make([]int, len(w.Departments))
	for i, d := range w.Departments {
		sizes[i] = groups[d.Key].rated
		r.Response.Answered += groups[d.Key].people
		r.Response.Expected += d.Expected
	}
	r.Response.rate()
	inWave := anonymity.Hide(sizes, nil, rule.Scores)
	shown := make([][]bool, len(w.Departments)) // by department and item
	for i := range shown {
		shown[i] = make([]bool, len(items))
	}
	for j := range items {
		r.question(w, &items[j], groups, inWave, rule, func(department int) { shown[department][j] = true })
	}
	for i, d := range w.Departments {
		r.department(d, groups[d.Key], items, inWave[i], shown[i])
	}
	r.rank()
	r.total()
	return r
}

func (r *Response) rate() {
	if r.Expected > 0 {
		r.Rate = float64(r.Answered) / float64(r.Expected)
	}
}

// question adds a question's figures and its cells.
func (r *Report) question(w *wave.Wave, it *item, groups map[string]*group, inWave []anonymity.Reason, rule anonymity.Rule, show func(department int)) {
	sizes := make([]int, len(w.Departments))
	all := &tally{}
	for i, d := range w.Departments {
		t := &groups[d.Key].tallies[it.at]
		sizes[i] = int(t.n) //nolint:gosec // people of a department
		all.join(t)
	}
	withheld := inWave
	if it.weight == 0 { // does not count towards a department's score, which its few raters would be hidden for
		withheld = nil
	}
	reasons := anonymity.Hide(sizes, withheld, rule.Scores)
	q := Question{Question: it.key, Text: it.text, Type: it.kind, Service: it.service, Weight: it.weight, Scale: it.scale}
	switch {
	case anonymity.Total(sizes, rule.Scores):
		q.Figures = all.figures(it)
		r.Counts = append(r.Counts, all.numbers(it, "")...)
	case all.n == 0:
		q.Hidden = anonymity.NoAnswer
	default:
		q.Hidden = anonymity.TooFew
	}
	r.Questions = append(r.Questions, q)
	for i, d := range w.Departments {
		c := Cell{Department: d.Key, Question: it.key, Hidden: reasons[i]}
		if c.Hidden == anonymity.Shown {
			t := &groups[d.Key].tallies[it.at]
			c.Figures = t.figures(it)
			r.Counts = append(r.Counts, t.numbers(it, d.Key)...)
			show(i)
		}
		r.Cells = append(r.Cells, c)
	}
}

// department adds a department's own figures, made of those of its shown cells.
func (r *Report) department(d wave.Department, g *group, items []item, inWave anonymity.Reason, shown []bool) {
	one := Department{
		Department: d.Key, Name: d.Name, Headcount: d.Headcount,
		Response: Response{Expected: d.Expected, Answered: g.people}, Hidden: inWave,
	}
	one.rate()
	if one.Hidden == anonymity.Shown {
		var ok bool
		if one.Figures, ok = g.composite(items, shown); !ok {
			one.Hidden = anonymity.TooFew
		}
	}
	r.Departments = append(r.Departments, one)
}

// rank shrinks the means and ranks by what comes of it.
func (r *Report) rank() {
	var at []int
	var samples []stats.Sample
	for i := range r.Departments {
		if d := &r.Departments[i]; d.Hidden == anonymity.Shown && d.Mean != nil {
			at, samples = append(at, i), append(samples, d.sample)
		}
	}
	shrunk := stats.Shrink(samples)
	order := make([]int, len(at))
	for i := range order {
		order[i] = i
		r.Departments[at[i]].Shrunk = &shrunk[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rounded(shrunk[b]), rounded(shrunk[a])) })
	for place, i := range order {
		d := &r.Departments[at[i]]
		d.Rank = place + 1
		if place > 0 && rounded(shrunk[i]) == rounded(shrunk[order[place-1]]) {
			d.Rank = r.Departments[at[order[place-1]]].Rank
		}
	}
}

// rounded is a score as it is shown: two that look the same share a rank.
func rounded(score float64) int { return int(score*10 + 0.5) }

func (r *Report) total() { r.Overall = r.overall(func(*Department) bool { return true }) }

// overall takes together the shown departments among those chosen.
func (r *Report) overall(chosen func(*Department) bool) Overall {
	var o Overall
	var samples []stats.Sample
	var ones, heads []float64
	hits, weight := 0.0, 0.0
	for i := range r.Departments {
		d := &r.Departments[i]
		switch {
		case !chosen(d):
		case d.Hidden != anonymity.Shown || d.Mean == nil:
			o.Hidden++
		default:
			o.Departments++
			o.N += d.N
			samples, ones, heads = append(samples, d.sample), append(ones, 1), append(heads, float64(d.Headcount))
			hits += d.share.share * d.share.n
			weight += d.share.n
		}
	}
	if o.Departments == 0 {
		return o
	}
	o.Indicative = o.N < Indicative
	o.Mean, o.MeanLow, o.MeanHigh = meanOf(samples, ones)
	o.Weighted, o.WeightedLow, o.WeightedHigh = meanOf(samples, heads)
	if weight > 0 {
		o.share = shareOf{hits / weight, weight}
		o.Share, o.ShareLow, o.ShareHigh = o.share.interval()
	}
	return o
}

func meanOf(samples []stats.Sample, weights []float64) (mean, low, high *float64) {
	m, i, ok := stats.WeightedMean(samples, weights)
	if ok {
		low, high = &i.Low, &i.High
	}
	return &m, low, high
}

func (s shareOf) interval() (share, low, high *float64) {
	i := stats.WilsonShare(s.share, s.n)
	return &s.share, &i.Low, &i.High
}
