// Package dashboard turns metrics into what people and programs see: HTTP
// requests come in, a JSON API, pages and charts go out. It asks [Metrics] for
// every figure and computes only differences between them.
package dashboard

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/calendar"
	reform "example.com/officepulse/analytics/change" // "change" is a difference between figures here
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/analytics/target"
)

// Metrics is what the dashboard needs of [analytics.Metrics].
type Metrics interface {
	// Query computes one metric by its name in the API.
	Query(ctx context.Context, metric string, q analytics.Query) (*analytics.Result, error)
	// AsOf is Kafka's time of the newest event stored; zero when nothing is.
	// Events from before may still be on their way.
	AsOf(ctx context.Context) (time.Time, error)
	// Span is the first and last instant at which something was counted; both
	// zero when there is nothing.
	Span(ctx context.Context) (first, last time.Time, err error)
	// FaultProcesses lists the processes about which a fault was ever reported.
	FaultProcesses(ctx context.Context) ([]string, error)
	Analyses
	Coordination
}

// Dependencies are what the dashboard is given; all but Surveys, Targets, Changes, Study, Satisfaction, Warnings, Notice and Version are needed.
type Dependencies struct {
	Metrics    Metrics
	Operations Operations
	Desk       Desk
	Surveys    Surveys // nil: no pages that administer surveys
	// Targets keep what is aimed at; nil: no pages about it.
	Targets Records[target.Target]
	// Changes keep what was changed of processes, and Study knows the weeks around
	// them; nil: no pages about it.
	Changes Records[reform.Change]
	Study   reform.Asker
	// Satisfaction knows what came of surveys; nil where there are none.
	Satisfaction Satisfaction
	Warnings     Warnings        // nil: nobody looks at the rules of early warning
	Operator     gin.HandlerFunc // ends requests of programs that are not an operator's
	Handbook     *handbook.Handbook
	Logger       *slog.Logger
	Now          func() time.Time
	Version      string // of the program, shown in the footer
	Notice       string // shown on every page, e.g. that only this machine is listened to
}

// server holds what all handlers share. Nothing of it but audits changes once it is built.
type server struct {
	Dependencies
	*site
	audits      *audits
	crossOrigin http.CrossOriginProtection
	calendar    *calendar.Calendar
	zone        *time.Location
	fiscal      fiscal
	daySeconds  float64 // office hours of a working day
}

// Routes adds the pages, the static files and the metrics API to r. It fails
// when a dependency is missing or the handbook's time zone is unknown.
func Routes(r gin.IRouter, deps Dependencies) error {
	s, err := newServer(deps)
	if err != nil {
		return fmt.Errorf("set up dashboard: %w", err)
	}
	r.GET("/static/*file", secure, s.assets.serve)
	r.HEAD("/static/*file", secure, s.assets.serve)

	pages := r.Group("/", secure, limit, s.legiblePage)
	pages.GET("/", s.overviewPage)
	pages.GET("/errors", s.errorsPage)
	pages.GET("/approvals", s.approvalsPage)
	pages.GET("/cases", s.casesPage)
	pages.GET("/cases/:process/:case_id", s.casePage)
	pages.GET("/definitions", s.definitionsPage)
	s.registerRoutes(pages)

	api := r.Group("/api/v1", secure, s.legibleAPI, s.chooseFormat, limit)
	api.GET("/metrics", s.listMetrics)
	api.GET("/metrics/:metric", s.queryMetric)
	s.analysesAPI(api)
	s.targetReads(api)
	s.changeReads(api)
	s.registersAPI(api)
	s.warningRoutes(pages, api)
	s.satisfactionPages(pages)
	if deps.Satisfaction != nil {
		s.satisfactionAPI(api)
	}

	s.operationsRoutes(pages)
	s.surveyRoutes(pages)
	s.targetRoutes(pages)
	s.changeRoutes(pages)
	operators := r.Group("/api/v1", secure, deps.Operator, limit, s.legibleAPI)
	s.operationsAPI(operators)
	s.targetActs(operators)
	s.changeActs(operators)
	return nil
}

// operationsRoutes are the pages about delivery. Until there are accounts they
// ask for no password, since the service listens on its own machine only; but
// no other page may act through a reader's browser.
func (s *server) operationsRoutes(pages *gin.RouterGroup) {
	pages.GET("/operations", s.operationsPage)
	pages.GET("/operations/replay", s.confirmReplayPage)
	pages.GET("/operations/deadletters/:id", s.letterPage)
	pages.GET("/operations/deadletters/:id/value", s.letterValuePage)

	s.operationsFiles(pages)

	acts := pages.Group("/operations", s.sameOrigin)
	acts.POST("/replay", s.replayLettersPage)
	acts.POST("/deadletters/:id/check", s.checkLetterPage)
	acts.POST("/deadletters/:id/replay", s.replayLetterPage)
	acts.POST("/deadletters/:id/discard", s.discardLetterPage)
}

// operationsAPI is the same for programs, and for operators only.
func (s *server) operationsAPI(api *gin.RouterGroup) {
	api.GET("/audit", s.auditAPI)
	api.GET("/deadletters", s.listLettersAPI)
	api.POST("/deadletters/replay", s.replayLettersAPI)
	api.GET("/deadletters/:id", s.letterAPI)
	api.GET("/deadletters/:id/value", s.letterValueAPI)
	api.POST("/deadletters/:id/edit", s.editLetterAPI)
	api.POST("/deadletters/:id/dry-run", s.dryRunLetterAPI)
	api.POST("/deadletters/:id/replay", s.replayLetterAPI)
	api.POST("/deadletters/:id/discard", s.discardLetterAPI)
}

func newServer(deps Dependencies) (*server, error) {
	if deps.Metrics == nil || deps.Operations == nil || deps.Desk == nil || deps.Operator == nil ||
		deps.Handbook == nil || deps.Logger == nil || deps.Now == nil {
		return nil, errors.New("metrics, operations, desk, operator, handbook, logger and clock are all needed")
	}
	cal, err := deps.Handbook.Calendar()
	if err != nil {
		return nil, err
	}
	built, err := loadSite()
	if err != nil {
		return nil, err
	}
	return &server{
		Dependencies: deps, site: built, audits: &audits{ask: deps.Operations.Audit, now: time.Now}, calendar: cal, zone: cal.Zone(),
		fiscal:     fiscal{zone: cal.Zone(), first: time.Month(max(1, deps.Handbook.FiscalYearStart))},
		daySeconds: float64(cal.SecondsPerDay()),
	}, nil
}

// patience is how long a request may take. ClickHouse gets it as the limit of
// its queries, so that what nobody waits for is not computed either.
const patience = 30 * time.Second

// limit gives a request a deadline, and has all its figures be those of one
// state of the warehouse.
func limit(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), patience)
	defer cancel()
	c.Request = c.Request.WithContext(analytics.WithMoment(ctx))
	c.Next()
}

// policy lets the browser load nothing but what this server serves, and run no
// script that stands in a page.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func secure(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	c.Next()
}
