package analytics

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"

	"example.com/officepulse/analytics/handbook"
)

// Surveys are what figures have to know of the surveys that are held here.
type Surveys struct {
	// Scales say what answers are worth: by questionnaire, as answer events name
	// it, and by item. They go before what the handbook says of a questionnaire of
	// the same name, since people were asked by them.
	Scales map[string]map[string]Scale
	// Unready are the waves of which nothing may be shown yet: they are not closed.
	Unready []string
}

// Scale is what an item is worth.
type Scale struct {
	Weight float64
	Levels map[int]float64 // value answered -> points, 0 to 100; nil: values are points
}

// fingerprint tells one state of the surveys from another. A version of a
// questionnaire never changes, so its name stands for it.
func (s Surveys) fingerprint() string {
	return fmt.Sprintf("%q %q", slices.Sorted(maps.Keys(s.Scales)), strings.Join(slices.Sorted(slices.Values(s.Unready)), " "))
}

// Asking returns the same Metrics that know of surveys, which are asked for anew
// with every question.
func (m *Metrics) Asking(surveys func() Surveys) *Metrics {
	m.surveys = surveys
	return m
}

// given are the promises and the surveys as named parameters.
func (m *Metrics) given() []any {
	return append(slices.Clip(slices.Clone(m.promises)), surveyParameters(m.handbook, m.surveys())...)
}

// surveyParameters are what answers are worth. Of the handbook it is what the
// latest version says that knows the questionnaire, so that what was given up
// still counts.
func surveyParameters(hb *handbook.Handbook, surveys Surveys) []any {
	weights := make(map[string]map[string]float64)
	levels := make(map[string]map[string]map[int64]float64)
	add := func(questionnaire, item string, scale Scale) {
		if weights[questionnaire] == nil {
			weights[questionnaire], levels[questionnaire] = make(map[string]float64), make(map[string]map[int64]float64)
		}
		weights[questionnaire][item] = scale.Weight
		if len(scale.Levels) == 0 {
			return
		}
		points := make(map[int64]float64, len(scale.Levels))
		for level, worth := range scale.Levels {
			points[int64(level)] = worth
		}
		levels[questionnaire][item] = points
	}
	for _, q := range hb.History().Questionnaires() {
		if _, asked := surveys.Scales[q.Key]; asked {
			continue
		}
		weights[q.Key], levels[q.Key] = make(map[string]float64), make(map[string]map[int64]float64)
		for _, item := range q.Items {
			add(q.Key, item.Key, Scale{Weight: item.Weight, Levels: q.Levels})
		}
	}
	for questionnaire, items := range surveys.Scales {
		weights[questionnaire], levels[questionnaire] = make(map[string]float64), make(map[string]map[int64]float64) // known, even without an item that counts
		for item, scale := range items {
			add(questionnaire, item, scale)
		}
	}
	unready := surveys.Unready
	if unready == nil {
		unready = []string{}
	}
	return []any{
		clickhouse.Named("weights", weights),
		clickhouse.Named("levels", levels),
		clickhouse.Named("unready", unready),
	}
}
