package main

import (
	"context"
	"fmt"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/anonymity"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/surveys/form"
	"example.com/officepulse/surveys/invitation"
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
	came, err := results.New(kept, o.conn, anonymity.Rule{Scores: o.config.SurveyScores, Comments: o.config.SurveyComments})
	if err != nil {
		return fmt.Errorf("settings: survey_scores and survey_comments: %w", err)
	}
	o.surveys = &surveys{Store: kept, secret: secret, results: came}
	return nil
}

// surveyForm mounts the form that people with a link see.
func (o *office) surveyForm(r gin.IRouter, p *promises) error {
	return form.Routes(r, form.Dependencies{
		Waves: o.surveys, Publisher: o.publisher, Secret: o.surveys.secret, Zone: p.calendar.Zone(), Logger: o.logger, Now: time.Now,
	})
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
