package main

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/surveys/form"
	"example.com/officepulse/surveys/invitation"
	"example.com/officepulse/surveys/store"
)

// surveysDir is where the data directory holds what surveys keep besides the
// database: the secret of links, links used, and waves as last seen.
const surveysDir = "surveys"

// surveys are the waves with what signs their links.
type surveys struct {
	*store.Store

	secret invitation.Secret
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
	o.surveys = &surveys{Store: kept, secret: secret}
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
