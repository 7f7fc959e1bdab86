package oracle

import (
	"math"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/ingest/event"
)

// score is what an answer is worth, 0 to 100; ok is false when nothing in it counts.
func (o *Oracle) score(a *event.Answer) (score float64, ok bool) {
	questionnaire, known := o.hb.Questionnaire(a.Questionnaire)
	sum, weights := 0.0, 0.0
	for key, v := range a.Answers {
		value, isNumber := v.Number()
		if !isNumber {
			continue
		}
		weight := 1.0
		if known {
			weight = weightOf(questionnaire, key)
		}
		if points, onScale := points(questionnaire, value); onScale {
			sum, weights = sum+weight*points, weights+weight
		}
	}
	return sum / weights, weights > 0
}

func weightOf(q handbook.Questionnaire, key string) float64 {
	for _, item := range q.Items {
		if item.Key == key {
			return item.Weight
		}
	}
	return 0
}

// points is what a value is worth; without levels it is points already.
func points(q handbook.Questionnaire, value float64) (points float64, onScale bool) {
	if len(q.Levels) == 0 {
		return value, value >= 0 && value <= 100
	}
	points, onScale = q.Levels[int(value)]
	return points, onScale && value == math.Floor(value)
}

// answerSamples keep their department as key whatever the grouping is: the
// overall figure is the mean of the departments'.
func (o *Oracle) answerSamples(q analytics.Query) []sample {
	var samples []sample
	for _, e := range o.answers {
		if score, ok := o.score(e.Answer); ok && within(q, e.Time) && chosen(q.Department, e.Answer.Department) {
			samples = append(samples, sample{key: e.Answer.Department, at: e.Time, value: score})
		}
	}
	return samples
}
