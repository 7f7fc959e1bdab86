package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/segmentio/kafka-go"

	"example.com/officepulse/analytics/change"
	"example.com/officepulse/analytics/ledger"
	"example.com/officepulse/analytics/target"
	"example.com/officepulse/dashboard"
	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/warehouse"
)

const readyTimeout = 3 * time.Second

// answer has a request answered by the promises in force when it comes.
func (o *office) answer(w http.ResponseWriter, r *http.Request) {
	o.promises.Load().router.ServeHTTP(w, r)
}

// router mounts what the roles of this process offer, by the promises p.
func (o *office) router(p *promises) (http.Handler, error) {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	if err := r.SetTrustedProxies(nil); err != nil {
		return nil, fmt.Errorf("set up HTTP: %w", err)
	}
	r.Use(o.measure, gin.CustomRecoveryWithWriter(nil, o.recovered), ownHost)
	r.NoRoute(dashboard.NoRoute)
	r.HandleMethodNotAllowed = true
	r.NoMethod(dashboard.NoMethod)
	r.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok\n") })
	r.GET("/readyz", o.ready)
	r.GET("/metrics", gin.WrapH(promhttp.HandlerFor(o.registry, promhttp.HandlerOpts{})))
	r.GET("/api/v1/status", o.tokenOnly, o.status)
	r.POST("/api/v1/backup", o.tokenOnly, o.backup)
	r.POST("/api/v1/handbook/reload", o.tokenOnly, o.reloadHandbook)
	r.GET(openAPIPath, o.openAPI)
	if o.config.has(roleGateway) {
		r.Any(eventsPath, gin.WrapH(o.door))
	}
	if o.config.has(roleDashboard) {
		if err := o.dashboard(r, p); err != nil {
			return nil, err
		}
		o.surveyImportAPI(r)
		if err := o.surveyForm(r, p); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// dashboard adds the pages to r, and has those that are opened most be ready.
func (o *office) dashboard(r gin.IRouter, p *promises) error {
	deps := dashboard.Dependencies{
		Metrics: p.metrics, Operations: operations{o.auditor, o.sink}, Desk: ingest.NewDesk(warehouse.NewWriter(o.conn), o.door),
		Surveys: o.surveys, Satisfaction: o.surveys.results, Targets: ledger.New[target.Target](o.conn, target.Kind),
		Changes: ledger.New[change.Change](o.conn, change.Kind), Study: p.metrics, Warnings: o.earlyWarning(),
		Operator: o.tokenOnly, Handbook: p.handbook, Logger: o.logger, Now: time.Now, Version: version,
		Notice: "仅本机可访问 · this machine only",
	}
	err := dashboard.Routes(r, deps)
	if err == nil {
		p.ahead, err = dashboard.NewAhead(deps, p.metrics, o.config.ReadyQuarters)
	}
	if err != nil {
		return fmt.Errorf("set up the dashboard: %w", err)
	}
	return nil
}

// ownHost refuses requests under a foreign name: a page elsewhere could
// otherwise have a name of its own resolve to this machine and read along.
func ownHost(c *gin.Context) {
	host := c.Request.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if !loopback(host) {
		problem(c, http.StatusMisdirectedRequest, fmt.Sprintf("This server does not answer to the name %q; use 127.0.0.1 or localhost, a reverse proxy too", host))
	}
}

func newDurations() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "officepulse_http_request_seconds", Help: "Time to answer a request.", Buckets: prometheus.ExponentialBuckets(0.001, 2, 14),
	}, []string{"route", "method", "status"})
}

// measure counts how long requests take, by route and status.
func (o *office) measure(c *gin.Context) {
	began := time.Now()
	c.Next()
	route := c.FullPath()
	if route == "" {
		route = "none"
	}
	o.durations.WithLabelValues(route, c.Request.Method, strconv.Itoa(c.Writer.Status())).Observe(time.Since(began).Seconds())
}

func (o *office) recovered(c *gin.Context, err any) {
	o.logger.ErrorContext(c.Request.Context(), "request panicked", "route", c.FullPath(), "error", err)
	c.AbortWithStatus(http.StatusInternalServerError)
}

// ready answers 200 when every part this process stands on answers. What the
// sink fails at meanwhile is named: it mends itself or waits for somebody.
func (o *office) ready(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readyTimeout)
	defer cancel()
	faults := gin.H{}
	if o.conn != nil {
		if err := o.conn.Ping(ctx); err != nil {
			o.logger.WarnContext(ctx, "not ready", "part", "clickhouse", "error", err)
			faults["clickhouse"] = "does not answer"
		}
	}
	client := &kafka.Client{Addr: kafka.TCP(o.brokers...), Timeout: readyTimeout}
	if _, err := client.Metadata(ctx, &kafka.MetadataRequest{Topics: ingest.Topics()}); err != nil {
		o.logger.WarnContext(ctx, "not ready", "part", "kafka", "error", err)
		faults["kafka"] = "does not answer"
	}
	if len(faults) > 0 {
		c.JSON(http.StatusServiceUnavailable, gin.H{"ready": false, "faults": faults})
		return
	}
	answer := gin.H{"ready": true}
	if o.sink != nil {
		troubles := []string{}
		for _, t := range o.sink.Troubles() {
			troubles = append(troubles, troubleText(t))
		}
		answer["troubles"] = troubles
	}
	c.JSON(http.StatusOK, answer)
}
