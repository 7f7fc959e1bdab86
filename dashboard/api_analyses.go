package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics"
)

// Analyses say why a figure is what it is. They are part of [Metrics]; each is
// the method of the same name of [analytics.Metrics].
type Analyses interface {
	Cases(ctx context.Context, q analytics.CaseQuery) (*analytics.CaseList, error)
	Case(ctx context.Context, process, caseID string) (*analytics.CaseTimeline, error)
	Distribution(ctx context.Context, metric string, q analytics.Query) (*analytics.Distribution, error)
	Matrix(ctx context.Context, metric string, rows, columns analytics.By, q analytics.Query) (*analytics.Matrix, error)
	Control(ctx context.Context, metric string, q analytics.ControlQuery) (*analytics.Control, error)
	Compare(ctx context.Context, metric string, q analytics.Query, beforeFrom, beforeTo time.Time) (*analytics.Comparison, error)
	Moves(ctx context.Context, q analytics.Query, beforeFrom, beforeTo time.Time) (*analytics.Moves, error)
	Ageing(ctx context.Context, q analytics.Query) (*analytics.Ageing, error)
	Survival(ctx context.Context, q analytics.Query) (*analytics.Survival, error)
}

// narrowing are the parameters that every analysis takes: those of the metrics
// API but for the parting of the answer.
var narrowing = []string{"from", "to", "process", "department", "stage", "class", "limit_key", "clock", "timezone"}

// analysesAPI adds the routes of the analyses.
func (s *server) analysesAPI(api *gin.RouterGroup) {
	api.GET("/cases", s.listCases)
	api.GET("/cases/:process/*case_id", s.tellCase) // an id may hold slashes
	api.GET("/distribution/:metric", s.distribution)
	api.GET("/matrix/:metric", s.matrix)
	api.GET("/control/:metric", s.control)
	api.GET("/compare/:metric", s.compare)
	api.GET("/moves", s.moves)
	api.GET("/ageing", s.ageing)
	api.GET("/survival", s.survival)
}

// analyse parses the parameters of an analysis, own ones beside those of
// narrowing, and sends what ask answers to the question.
func (s *server) analyse(c *gin.Context, own []string, parse func(p *queryParser), ask func(ctx context.Context, q analytics.Query) (any, error)) {
	p := queryParser{values: c.Request.URL.Query()}
	p.refuseUnknown(slices.Concat(narrowing, own)...)
	q := p.query(s.zone)
	parse(&p)
	if len(p.faults) > 0 {
		newProblem(http.StatusBadRequest, "the question cannot be understood; see errors", p.faults...).send(c)
		return
	}
	ctx := c.Request.Context()
	if err := s.completePeriod(ctx, &q); err != nil {
		s.apiError(c, err)
		return
	}
	answer, err := ask(ctx, q)
	if err != nil {
		s.apiError(c, fmt.Errorf("answer %s: %w", c.FullPath(), err))
		return
	}
	s.sendJSON(c, answer)
}

// nothingElse parses no further parameters.
func nothingElse(*queryParser) {}

// knownMetric is the metric in the path; "" and an answer when it is not among
// those that the analysis knows.
func knownMetric(c *gin.Context, among []string) string {
	metric := c.Param("metric")
	if !slices.Contains(among, metric) {
		newProblem(http.StatusNotFound, fmt.Sprintf("there is no such analysis of %q", clip(metric)),
			fault{Parameter: "metric", Detail: "unknown", Allowed: among}).send(c)
		return ""
	}
	return metric
}

// seriesMetrics are the metrics that have points.
func seriesMetrics() []string {
	var names []string
	for _, d := range analytics.Catalogue() {
		if len(d.Buckets) > 1 {
			names = append(names, d.Metric)
		}
	}
	return names
}

func (s *server) distribution(c *gin.Context) {
	metric := knownMetric(c, analytics.DistributionMetrics())
	if metric == "" {
		return
	}
	s.analyse(c, nil, nothingElse, func(ctx context.Context, q analytics.Query) (any, error) {
		return s.Metrics.Distribution(ctx, metric, q)
	})
}

func (s *server) matrix(c *gin.Context) {
	metric := knownMetric(c, seriesMetrics())
	if metric == "" {
		return
	}
	rows, columns := analytics.ByProcess, analytics.ByDepartment
	s.analyse(c, []string{"rows", "columns"}, func(p *queryParser) {
		rows = analytics.By(p.word("rows", matrixGroupings, string(rows)))
		columns = analytics.By(p.word("columns", matrixGroupings, string(columns)))
	}, func(ctx context.Context, q analytics.Query) (any, error) {
		return s.Metrics.Matrix(ctx, metric, rows, columns, q)
	})
}

var matrixGroupings = []string{string(analytics.ByProcess), string(analytics.ByDepartment), string(analytics.ByClass)}

var (
	controlBuckets = []string{string(analytics.BucketMonth), string(analytics.BucketQuarter), string(analytics.BucketWeek)}
	chartKinds     = []string{string(analytics.ChartXmR), string(analytics.ChartP), string(analytics.ChartU), string(analytics.ChartLaneyP)}
	chartValues    = []string{
		string(analytics.ValueMedian), string(analytics.ValueMean), string(analytics.ValueP90), string(analytics.ValueRate), string(analytics.ValueN),
	}
)

func (s *server) control(c *gin.Context) {
	metric := knownMetric(c, seriesMetrics())
	if metric == "" {
		return
	}
	var asked analytics.ControlQuery
	s.analyse(c, []string{"bucket", "chart", "value", "min_n", "baseline_from", "baseline_to"}, func(p *queryParser) {
		zone := p.zone(s.zone)
		p.word("bucket", controlBuckets, "")
		asked = analytics.ControlQuery{
			Chart: analytics.ChartKind(p.word("chart", chartKinds, "")), Value: analytics.Value(p.word("value", chartValues, "")),
			MinN:         uint64(p.whole("min_n", 1_000_000)), //nolint:gosec // whole is not negative
			BaselineFrom: p.day("baseline_from", zone), BaselineTo: p.day("baseline_to", zone),
		}
		if asked.BaselineFrom.IsZero() != asked.BaselineTo.IsZero() {
			p.refuse("baseline_to", "a baseline has both a first day and a day after its last")
		}
	}, func(ctx context.Context, q analytics.Query) (any, error) {
		asked.Query = q
		return s.Metrics.Control(ctx, metric, asked)
	})
}

// before are the parameters of the earlier period of a comparison.
var before = []string{"before_from", "before_to"}

// periodBefore reads the earlier period; both of its days are needed.
func (s *server) periodBefore(p *queryParser, from, to *time.Time) {
	zone := p.zone(s.zone)
	*from, *to = p.day("before_from", zone), p.day("before_to", zone)
	for _, name := range before {
		if p.single(name) == "" {
			p.refuse(name, "is missing; write a day as 2026-07-01")
		}
	}
	if !from.IsZero() && !to.IsZero() && !from.Before(*to) {
		p.refuse("before_to", "is exclusive and has to be later than before_from")
	}
}

func (s *server) compare(c *gin.Context) {
	metric := knownMetric(c, seriesMetrics())
	if metric == "" {
		return
	}
	var from, to time.Time
	s.analyse(c, before, func(p *queryParser) { s.periodBefore(p, &from, &to) }, func(ctx context.Context, q analytics.Query) (any, error) {
		return s.Metrics.Compare(ctx, metric, q, from, to)
	})
}

func (s *server) moves(c *gin.Context) {
	var from, to time.Time
	s.analyse(c, append([]string{"limit"}, before...), func(p *queryParser) { s.periodBefore(p, &from, &to) }, func(ctx context.Context, q analytics.Query) (any, error) {
		return s.Metrics.Moves(ctx, q, from, to)
	})
}

func (s *server) ageing(c *gin.Context) {
	s.analyse(c, []string{"by", "limit"}, nothingElse, func(ctx context.Context, q analytics.Query) (any, error) {
		return s.Metrics.Ageing(ctx, q)
	})
}

func (s *server) survival(c *gin.Context) {
	s.analyse(c, nil, nothingElse, func(ctx context.Context, q analytics.Query) (any, error) {
		return s.Metrics.Survival(ctx, q)
	})
}

// tellCase answers with everything known of one case.
func (s *server) tellCase(c *gin.Context) {
	if faults := onlyParameters(c.Request.URL.Query()); len(faults) > 0 {
		newProblem(http.StatusBadRequest, "a case takes no parameters", faults...).send(c)
		return
	}
	process, caseID := c.Param("process"), strings.TrimPrefix(c.Param("case_id"), "/")
	answer, err := s.Metrics.Case(c.Request.Context(), process, caseID)
	if errors.Is(err, analytics.ErrNoCase) {
		newProblem(http.StatusNotFound, fmt.Sprintf("nothing is known of a case %q of %s", clip(caseID), clip(process))).send(c)
		return
	}
	if err != nil {
		s.apiError(c, err)
		return
	}
	s.sendJSON(c, answer)
}

// onlyParameters names the parameters that are not among the known ones.
func onlyParameters(values url.Values, known ...string) []fault {
	p := queryParser{values: values}
	p.refuseUnknown(known...)
	return p.faults
}
