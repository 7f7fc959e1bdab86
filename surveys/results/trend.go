package results

import (
	"context"
	"errors"
	"slices"

	"example.com/officepulse/analytics/anonymity"
)

// Trend is how the answers to a questionnaire have changed from wave to wave, as
// the API spells it.
type Trend struct {
	Questionnaire string        `json:"questionnaire"` // key
	Series        []TrendSeries `json:"series"`
}

// TrendSeries is one line. A wave in which its group is hidden has no point, like one
// in which nobody answered.
type TrendSeries struct {
	By     string       `json:"by"`              // overall, department or question
	Key    string       `json:"key"`             // of the department or question; "all" for overall
	Scale  string       `json:"scale,omitempty"` // of a question: with another, another series
	Points []TrendPoint `json:"points"`
}

// TrendPoint is a series in one wave.
type TrendPoint struct {
	Wave    string `json:"wave"`
	Quarter string `json:"quarter"`
	Figures
}

// Trend follows a questionnaire through all its versions and waves with results,
// the oldest first. A wave whose results are not ready is left out.
func (r *Results) Trend(ctx context.Context, questionnaire string) (*Trend, error) {
	t := &Trend{Questionnaire: questionnaire}
	at := make(map[[3]string]int)
	add := func(report *Report, by, key, scale string, f Figures) {
		place, ok := at[[3]string{by, key, scale}]
		if !ok {
			place = len(t.Series)
			at[[3]string{by, key, scale}] = place
			t.Series = append(t.Series, TrendSeries{By: by, Key: key, Scale: scale})
		}
		t.Series[place].Points = append(t.Series[place].Points, TrendPoint{report.Wave, report.Quarter, f})
	}
	waves := r.Answered()
	for _, wave := range slices.Backward(waves) {
		if wave.Questionnaire.Key != questionnaire {
			continue
		}
		report, err := r.Report(ctx, wave.Key)
		if errors.Is(err, ErrNotReady) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if o := report.Overall; o.Mean != nil {
			add(report, "overall", "all", "", Figures{
				N: o.N, Indicative: o.Indicative, Mean: o.Mean, MeanLow: o.MeanLow, MeanHigh: o.MeanHigh,
				Share: o.Share, ShareLow: o.ShareLow, ShareHigh: o.ShareHigh,
			})
		}
		for j := range report.Departments {
			if d := &report.Departments[j]; d.Hidden == anonymity.Shown {
				add(report, "department", d.Department, "", d.Figures)
			}
		}
		for j := range report.Questions {
			if q := &report.Questions[j]; q.Hidden == anonymity.Shown && (q.Mean != nil || q.NPS != nil) {
				add(report, "question", q.Question, q.Scale, q.Figures)
			}
		}
	}
	if len(t.Series) == 0 {
		return nil, ErrUnknown
	}
	return t, nil
}
