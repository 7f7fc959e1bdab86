package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/anonymity"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/dashboard"
	"example.com/officepulse/dashboard/i18n"
	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/surveys/form"
	"example.com/officepulse/surveys/invitation"
	"example.com/officepulse/surveys/messages"
	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/results"
	"example.com/officepulse/surveys/store"
	"example.com/officepulse/surveys/wave"
)

// surveysDir is where the data directory holds what surveys keep besides the
// database: the secret of links, links used, and waves as last seen.
const surveysDir = "surveys"

// surveys are the waves with what signs their links.
type surveys struct {
	*store.Store

	secret  invitation.Secret
	results *results.Results // what came of those that are closed
	public  func() string    // address in links, see publicURL
}

// openSurveys reads the waves. The database need not answer for it.
func (o *office) openSurveys(ctx context.Context) error {
	if !o.config.has(roleDashboard) {
		return nil
	}
	dir := o.file(surveysDir)
	secret, err := store.Secret(dir)
	if err != nil {
		return err
	}
	kept, err := store.Open(ctx, dir, o.conn, o.logger)
	if err != nil {
		return err
	}
	came, err := results.New(kept, o.conn, anonymity.Rule{Scores: o.config.SurveyScores, Comments: o.config.SurveyComments}, o.answerLog())
	if err != nil {
		return fmt.Errorf("settings: survey_scores and survey_comments: %w", err)
	}
	if err := came.Recall(ctx); err != nil { // the next look does it
		o.logger.WarnContext(ctx, "results of surveys are not known yet", "error", err)
	}
	o.surveys = &surveys{Store: kept, secret: secret, results: came, public: o.publicURL}
	return nil
}

// answerLog is where answers to surveys come from.
func (o *office) answerLog() results.Log {
	log := results.Log{Positions: func(ctx context.Context) ([]results.Position, error) {
		lags, err := ingest.Lag(ctx, o.brokers, ingest.DefaultSinkConfig().Group)
		var positions []results.Position
		for _, l := range lags {
			if l.Topic == string(event.TypeAnswer) {
				positions = append(positions, results.Position{Partition: l.Partition, End: l.End, Stored: l.End - l.Lag})
			}
		}
		return positions, err
	}}
	if o.engine == nil || o.kafka == nil { // others may take answers to the same waves
		log.Settle = results.Settle
	}
	return log
}

// surveyForm mounts the form that people with a link see.
func (o *office) surveyForm(r gin.IRouter, p *promises) error {
	return form.Routes(r, form.Dependencies{
		Waves: o.surveys, Publisher: o.publisher, Secret: o.surveys.secret, Zone: p.calendar.Zone(), Logger: o.logger, Now: time.Now,
	})
}

// figures are what analytics has to know of the surveys.
func (s *surveys) figures() analytics.Surveys {
	known := analytics.Surveys{Scales: make(map[string]map[string]analytics.Scale)}
	for _, q := range s.Questionnaires() {
		items := make(map[string]analytics.Scale)
		for i := range q.Questions {
			addScales(items, &q.Questions[i])
		}
		known.Scales[q.ID()] = items
	}
	for _, w := range s.Waves() {
		if !w.Answered() || !s.results.Ready(w.Key) {
			known.Unready = append(known.Unready, w.Key)
		}
	}
	return known
}

// addScales tells what the answers to a question are worth. The rows of a matrix
// share its weight.
func addScales(items map[string]analytics.Scale, q *questionnaire.Question) {
	if q.Weight == 0 {
		return
	}
	fields := q.Fields()
	for _, key := range fields {
		scale := analytics.Scale{Weight: q.Weight / float64(len(fields))}
		if len(q.Levels) > 0 {
			scale.Levels = make(map[int]float64, len(q.Levels))
		}
		for _, l := range q.Levels {
			scale.Levels[l.Value] = l.Points
		}
		items[key] = scale
	}
}

// MakeLinks makes personal links to a wave, one a request, and keeps what is
// kept of them.
func (s *surveys) MakeLinks(ctx context.Context, w *wave.Wave, requests []dashboard.LinkRequest, by string) error {
	links := make([]store.Link, len(requests))
	for i, r := range requests {
		seed := invitation.NewSeed()
		made := invitation.Again(s.secret, invitation.Personal, w.Key, r.Department, seed)
		links[i] = store.LinkOf(&made, seed, r.Recipient, by, time.Now())
	}
	return s.AddLinks(ctx, links)
}

// PersonalLinks are the personal links of a wave, made again.
func (s *surveys) PersonalLinks(ctx context.Context, w *wave.Wave) ([]dashboard.SurveyLink, error) {
	kept, err := s.Links(ctx, w.Key)
	if err != nil {
		return nil, err
	}
	var links []dashboard.SurveyLink
	for i := range kept {
		l := &kept[i]
		if l.Kind == invitation.Personal && l.Seed != "" {
			again := l.Invitation(s.secret)
			links = append(links, dashboard.SurveyLink{Department: l.Department, Recipient: l.Recipient, URL: s.address(&again)})
		}
	}
	return links, nil
}

// DepartmentLink is the link that all of a department may use.
func (s *surveys) DepartmentLink(w *wave.Wave, department string) string {
	made := invitation.Again(s.secret, invitation.Department, w.Key, department, messages.DepartmentSeed)
	return s.address(&made)
}

// Preview writes what people would see of a questionnaire.
func (s *surveys) Preview(w io.Writer, q *questionnaire.Questionnaire, language i18n.Language) error {
	return form.Preview(w, q, language)
}

func (s *surveys) address(i *invitation.Invitation) string {
	return strings.TrimSuffix(s.public(), "/") + form.Path(i.Code(s.secret))
}

// publicURL is the address in links.
func (o *office) publicURL() string {
	if o.config.PublicURL != "" {
		return o.config.PublicURL
	}
	return o.url
}

// surveyScores are what surveys let be known of departments, for the metric
// "satisfaction"; nil where this process holds no surveys.
func (o *office) surveyScores(zone *time.Location, hb *handbook.Handbook) func(context.Context) ([]analytics.Score, error) {
	if o.surveys == nil {
		return nil
	}
	fiscal := wave.Fiscal{Zone: zone, First: time.Month(max(1, hb.FiscalYearStart))}
	return func(ctx context.Context) ([]analytics.Score, error) {
		return o.surveys.results.Scores(ctx, func(label string) time.Time {
			quarter, err := wave.ParseQuarter(label)
			if err != nil { // of a wave, which has been checked
				return time.Time{}
			}
			return fiscal.Start(quarter.Next())
		})
	}
}
