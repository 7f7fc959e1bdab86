package dashboard

import (
	"context"
	"fmt"
	"slices"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/anonymity"
	"example.com/officepulse/dashboard/i18n"
	"example.com/officepulse/surveys/results"
)

// quadrant sets satisfaction against what was measured, by service, as the API
// spells it.
type quadrant struct {
	Wave     string          `json:"wave"`
	Quarter  string          `json:"quarter"`
	Services []serviceStands `json:"services"`
}

// serviceStands is where a service stands. What is unknown or hidden is absent.
type serviceStands struct {
	Service   string           `json:"service"`
	Process   string           `json:"process,omitempty"` // whose cases are measured
	Score     *float64         `json:"score,omitempty"`   // 0 to 100
	N         uint64           `json:"n,omitempty"`       // answers
	Hidden    anonymity.Reason `json:"hidden,omitempty"`
	OnTime    *float64         `json:"on_time_rate,omitempty"` // 0 to 1, of the quarter asked about
	Cases     uint64           `json:"cases,omitempty"`        // that were due
	Standing  standing         `json:"standing,omitempty"`
	questions []string
}

// standing is a quarter of the quadrant.
type standing string

// The quarters.
const (
	fastHappy   standing = "fast_happy"
	fastUnhappy standing = "fast_unhappy" // what was measured is not what people mind
	slowHappy   standing = "slow_happy"
	slowUnhappy standing = "slow_unhappy"
)

// The bounds of the quadrant: 80 points is "satisfied" on the office's five
// levels, and nine in ten on time is what the handbook's limits are set for.
const (
	happyScore = 80
	fastRate   = 0.9
)

// stand finds the quarter; "" when either figure is missing.
func stand(score, onTime *float64) standing {
	switch {
	case score == nil || onTime == nil:
		return ""
	case *onTime >= fastRate && *score >= happyScore:
		return fastHappy
	case *onTime >= fastRate:
		return fastUnhappy
	case *score >= happyScore:
		return slowHappy
	default:
		return slowUnhappy
	}
}

// quadrant asks for both sides.
func (s *server) quadrant(ctx context.Context, key string) (*quadrant, error) {
	r, err := s.Satisfaction.Report(ctx, key)
	if err != nil {
		return nil, err
	}
	q := &quadrant{Wave: r.Wave, Quarter: r.Quarter, Services: services(r)}
	asked, ok := parseQuarter(r.Quarter)
	if !ok {
		return nil, fmt.Errorf("wave %s asks about %q, which is no quarter", key, r.Quarter)
	}
	for i := range q.Services {
		one := &q.Services[i]
		process, ok := s.Handbook.ServiceProcess(one.Service)
		if !ok {
			continue
		}
		one.Process = process.Key
		result, err := s.Metrics.Query(ctx, "on_time_rate", analytics.Query{
			From: s.fiscal.start(asked), To: s.fiscal.end(asked), Zone: s.zone, Bucket: analytics.BucketNone, By: analytics.ByNone,
			Clock: analytics.ClockWorking, Process: []string{one.Process},
		})
		if err != nil {
			return nil, fmt.Errorf("ask how much of %s was on time: %w", one.Process, err)
		}
		for _, series := range result.Series {
			for j := range series.Points {
				if p := &series.Points[j]; p.Rate != nil {
					one.OnTime, one.Cases = p.Rate, p.N
				}
			}
		}
		one.Standing = stand(one.Score, one.OnTime)
	}
	return q, nil
}

// services are those that a wave asked about, with the mean of their questions
// under the questions' weights.
func services(r *results.Report) []serviceStands {
	var list []serviceStands
	weights := make(map[string]float64)
	for i := range r.Questions {
		q := &r.Questions[i]
		if q.Service == "" {
			continue
		}
		at := slices.IndexFunc(list, func(s serviceStands) bool { return s.Service == q.Service })
		if at < 0 {
			at = len(list)
			list = append(list, serviceStands{Service: q.Service})
		}
		one := &list[at]
		one.questions = append(one.questions, q.Question)
		if q.Hidden != anonymity.Shown || q.Mean == nil {
			one.Hidden = q.Hidden
			continue
		}
		weight := max(q.Weight, 1e-9) // what does not count in the whole still says something of its service
		sum := weight * *q.Mean
		if one.Score != nil {
			sum += *one.Score * weights[q.Service]
		}
		weights[q.Service] += weight
		one.Score, one.N, one.Hidden = new(sum/weights[q.Service]), max(one.N, q.N), ""
	}
	return list
}

// serviceName is what people call a service.
func (s *server) serviceName(words i18n.Messages, r *results.Report, one *serviceStands) string {
	n := names{s.Handbook, string(words.Language)}
	if one.Process != "" {
		return n.process(one.Process)
	}
	for i := range r.Questions {
		if slices.Contains(one.questions, r.Questions[i].Question) {
			return shortText(r.Questions[i].Text.In(string(words.Language)))
		}
	}
	return one.Service
}
