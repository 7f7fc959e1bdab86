package demo

import (
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"example.com/officepulse/ingest/event"
)

// question is an item of the questionnaire, with how it differs from the
// others; the differences cancel out under the weights.
type question struct {
	key    string
	weight float64
	offset float64 // points
}

var questions = []question{
	{"meetings", 0.2, 0.5},
	{"doc_approval", 0.3, -1},
	{"supplies", 0.2, 0},
	{"coordination", 0.2, 0},
	{"attitude", 0.1, 2},
}

// levels are the points of the answers 1 to 5.
var levels = []float64{0, 30, 60, 80, 100}

const (
	askedForm   = "office_services.v1"
	personSigma = 9.0 // points by which people of one department differ
	waveDays    = 14  // the last days of a quarter, in which a survey is open
)

// wave is a quarter's survey with the mean of the departments' scores that it
// is to bring out.
type wave struct {
	year, quarter int
	score         float64
	production    float64 // how much of its change production has made: it comes last
}

var waves = []wave{
	{2024, 4, 75.6, 0},
	{2025, 1, 75.2, 0},
	{2025, 2, 74.4, 0},
	{2025, 3, 74.8, 0},
	{2025, 4, 75.0, 0},
	{2026, 1, 81.5, 0.10},
	{2026, 2, 88.0, 0.35},
	{2026, 3, 92.0, 0.98},
}

type surveys struct{ r *rand.Rand }

func newSurveys(r *rand.Rand) surveys { return surveys{r: r} }

// survey asks the departments when a wave opens.
func (t *tale) survey(day time.Time) {
	for i, w := range waves {
		closes := t.date(w.year, time.Month(3*w.quarter+1), 1)
		if !day.Equal(closes.AddDate(0, 0, -waveDays)) {
			continue
		}
		scores := w.scores(t.surveys.r)
		for j := range teams {
			t.ask(&waves[i], &teams[j], scores[j], day)
		}
	}
}

// scores of the departments: each between its own before and after, with a
// little of its own, the mean as the wave wants it.
func (w *wave) scores(r *rand.Rand) []float64 {
	scores := make([]float64, len(teams))
	sum, room := 0.0, 0.0
	for i, team := range teams {
		scores[i] = team.before + 1.2*r.NormFloat64()
		if team.key == "production" {
			scores[i] += w.production * (team.after - team.before)
		} else {
			room += team.after - team.before
		}
		sum += scores[i]
	}
	missing := w.score*float64(len(teams)) - sum
	for i, team := range teams {
		if team.key != "production" {
			scores[i] += missing * (team.after - team.before) / room
		}
	}
	return scores
}

// ask sends the answers of one department. People answer on their own, but the
// rounding to five levels is passed on from one to the next, so that the
// department's mean is the score and not the score as five levels distort it.
func (t *tale) ask(w *wave, team *team, score float64, opens time.Time) {
	r := t.surveys.r
	n := 8 + r.IntN(13)
	if team.headcount < 20 {
		n = 5 + r.IntN(4)
	}
	t.facts.Invited += int64(math.Round(float64(n) / (0.70 + 0.20*r.Float64())))
	owed := make([]float64, len(questions))
	for i := range owed {
		owed[i] = 20*r.Float64() - 10
	}
	for i := range n {
		mood := personSigma * r.NormFloat64()
		answers := make(map[string]event.Value, len(questions))
		for j := range questions {
			goal := score + w.offset(j)
			level := nearest(goal + mood + owed[j])
			owed[j] += goal - levels[level]
			answers[questions[j].key] = event.Number(float64(level + 1))
		}
		t.answer(w, team, i+1, opens.AddDate(0, 0, r.IntN(waveDays)), answers)
	}
}

// offset is how a question differs from the department's score. In the second
// quarter of 2026 the new supply rules annoy; the other questions make up for it.
func (w *wave) offset(i int) float64 {
	offset := questions[i].offset
	if w.year != 2026 || w.quarter != 2 {
		return offset
	}
	const dip, weight = 6, 0.2
	if questions[i].key == "supplies" {
		return offset - dip
	}
	return offset + dip*weight/(1-weight)
}

func nearest(points float64) int {
	best := 0
	for i := range levels {
		if math.Abs(levels[i]-points) < math.Abs(levels[best]-points) {
			best = i
		}
	}
	return best
}

// answer sends one filled-in form. The wave is anonymous: it carries the day and no time.
func (t *tale) answer(w *wave, team *team, n int, day time.Time, answers map[string]event.Value) {
	name := strconv.Itoa(w.year) + "Q" + strconv.Itoa(w.quarter)
	id := "A-" + name + "-" + team.key + "-" + pad(n, 2) + t.telling
	comment(id, w.year, w.quarter, answers)
	t.facts.Answers += t.postEvents(event.Event{
		ID: "demo-" + id, Source: Source, Type: event.TypeAnswer, Time: day.UTC(), Sequence: sequence(0),
		Answer: &event.Answer{AnswerID: id, Wave: name, Questionnaire: askedForm, Department: team.key, Answers: answers},
	})
}
