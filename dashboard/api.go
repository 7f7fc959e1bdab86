package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics"
	"example.com/officepulse/dashboard/i18n"
)

// listed is a metric in the API's table of contents.
type listed struct {
	analytics.Description
	Name string `json:"name"`
	Href string `json:"href"`

	// What the page of definitions says, in its languages.
	ZH definitionText `json:"zh"`
	EN definitionText `json:"en"`
}

func (s *server) listMetrics(c *gin.Context) {
	if len(c.Request.URL.Query()) > 0 {
		newProblem(http.StatusBadRequest, "the list of metrics takes no parameters").send(c)
		return
	}
	zh, en := s.messages.In(i18n.Chinese), s.messages.In(i18n.English)
	var list []listed
	for _, d := range analytics.Catalogue() {
		list = append(list, listed{
			Description: d, Name: en.T("metric." + d.Metric + ".name"), Href: "/api/v1/metrics/" + d.Metric, ZH: defined(zh, d.Metric), EN: defined(en, d.Metric),
		})
	}
	s.sendJSON(c, metricList{list})
}

func (s *server) queryMetric(c *gin.Context) {
	metric := c.Param("metric")
	if !slices.Contains(analytics.Names(), metric) {
		newProblem(http.StatusNotFound, fmt.Sprintf("there is no metric %q", clip(metric)),
			fault{Parameter: "metric", Detail: "unknown", Allowed: analytics.Names()}).send(c)
		return
	}
	q, faults := parseQuery(c.Request.URL.Query(), s.zone)
	if len(faults) > 0 {
		newProblem(http.StatusBadRequest, "the question cannot be understood; see errors", faults...).send(c)
		return
	}
	ctx := c.Request.Context()
	if err := s.completePeriod(ctx, &q); err != nil {
		s.apiError(c, err)
		return
	}
	result, err := s.Metrics.Query(ctx, metric, q)
	if err != nil {
		s.apiError(c, fmt.Errorf("query %s: %w", metric, err))
		return
	}
	s.sendJSON(c, result)
}

// completePeriod fills a missing from or to with the first or last day that has
// data, so that a question without a period is about everything there is.
func (s *server) completePeriod(ctx context.Context, q *analytics.Query) error {
	if !q.From.IsZero() && !q.To.IsZero() {
		return nil
	}
	first, last, err := s.Metrics.Span(ctx)
	if err != nil {
		return fmt.Errorf("read span: %w", err)
	}
	if last.IsZero() {
		first, last = s.Now(), s.Now()
	}
	if q.From.IsZero() {
		q.From = midnight(first, q.Zone)
	}
	if q.To.IsZero() {
		q.To = midnight(last.In(q.Zone).AddDate(0, 0, 1), q.Zone)
	}
	if !q.From.Before(q.To) {
		return fmt.Errorf("%w: there is no data in the period; the data reaches from %s to %s", analytics.ErrQuery,
			first.In(q.Zone).Format(time.DateOnly), last.In(q.Zone).Format(time.DateOnly))
	}
	return nil
}

func midnight(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return analytics.DayStart(y, m, d, zone)
}

// apiError answers a program. What the driver said goes to the log only.
func (s *server) apiError(c *gin.Context, err error) {
	switch status := s.status(c, err); status {
	case http.StatusBadRequest:
		newProblem(status, err.Error()).send(c)
	case http.StatusGatewayTimeout:
		newProblem(status, "the answer took too long; ask for a shorter period or fewer groups").send(c)
	default:
		newProblem(status, "the figures cannot be read at the moment; the server's log says why").send(c)
	}
}

// status decides what an error is to the client and logs what is ours.
func (s *server) status(c *gin.Context, err error) int {
	ctx := c.Request.Context()
	switch {
	case errors.Is(err, analytics.ErrQuery):
		return http.StatusBadRequest
	case errors.Is(ctx.Err(), context.Canceled):
		return 499 // the client left; nobody reads this
	case errors.Is(err, context.DeadlineExceeded), errors.Is(ctx.Err(), context.DeadlineExceeded):
		s.Logger.WarnContext(ctx, "query took too long", "path", c.Request.URL.Path, "error", err)
		return http.StatusGatewayTimeout
	default:
		s.Logger.ErrorContext(ctx, "query failed", "path", c.Request.URL.Path, "error", err)
		return http.StatusInternalServerError
	}
}

func (s *server) sendJSON(c *gin.Context, value any) {
	if s.sendFile(c, value) {
		return
	}
	body, err := json.Marshal(value)
	if err != nil {
		s.apiError(c, fmt.Errorf("encode answer: %w", err))
		return
	}
	c.Header("Cache-Control", "no-cache")
	c.Data(http.StatusOK, "application/json; charset=utf-8", append(body, '\n'))
}
