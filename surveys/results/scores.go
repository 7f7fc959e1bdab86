package results

import (
	"context"
	"errors"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/anonymity"
)

// Scores are the departments' figures of all waves with results, for the metric
// "satisfaction": what the reports show and nothing else. A wave belongs to the
// quarter that it asks about, whenever its last answer came; end is that of a quarter.
func (r *Results) Scores(ctx context.Context, end func(quarter string) time.Time) ([]analytics.Score, error) {
	var scores []analytics.Score
	for _, w := range r.Answered() {
		report, err := r.Report(ctx, w.Key)
		if errors.Is(err, ErrNotReady) {
			continue
		}
		if err != nil {
			return nil, err
		}
		at := w.Closes
		if last := end(report.Quarter); last.Before(at) {
			at = last
		}
		for i := range report.Departments {
			if d := &report.Departments[i]; d.Hidden == anonymity.Shown {
				scores = append(scores, analytics.Score{Department: d.Department, At: at.Add(-time.Millisecond), Sample: d.sample})
			}
		}
	}
	return scores, nil
}
