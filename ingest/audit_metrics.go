package ingest

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/officepulse/ingest/delivery"
)

const (
	auditEvery   = time.Minute
	auditTimeout = 30 * time.Second
)

// AuditCollector tells Prometheus the newest audit. An audit looks at every
// event, so that one is made a minute at most, whatever is scraped.
type AuditCollector struct {
	auditor *Auditor
	logger  *slog.Logger

	mu    sync.Mutex
	tried time.Time
	last  *delivery.Audit

	at, stored, deadLettered, missing, physically, visibly, late, watermark, letters, reused *prometheus.Desc
}

// NewAuditCollector returns a collector of what a finds.
func NewAuditCollector(a *Auditor, logger *slog.Logger) *AuditCollector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("officepulse_audit_"+name, help, labels, nil)
	}
	place := []string{"topic", "partition"}
	return &AuditCollector{
		auditor: a, logger: logger,
		at:           desc("time_seconds", "When the audit was made, Unix time."),
		stored:       desc("stored_messages", "Offsets of the partition that are stored.", place...),
		deadLettered: desc("dead_lettered_messages", "Offsets of the partition that were put aside.", place...),
		missing:      desc("missing_messages", "Offsets that were committed and are neither stored nor put aside. Above 0: events are lost.", place...),
		physically:   desc("duplicated_physically_rows", "Rows stored twice from one offset; no figure counts them.", place...),
		visibly:      desc("duplicated_visibly_rows", "Copies that figures count. Above 0: figures are wrong.", place...),
		late:         desc("late_ratio", "Share of events that arrived more than a day after they happened.", place...),
		watermark:    desc("watermark_seconds", "When Kafka took the newest message stored, Unix time.", place...),
		letters:      desc("letters_under_way_messages", "Dead letters that are not filed yet; until they are, missing may be too high."),
		reused:       desc("reused_ids", "Events whose id another case's event has too."),
	}
}

// Describe names the metrics.
func (c *AuditCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.at, c.stored, c.deadLettered, c.missing, c.physically, c.visibly, c.late, c.watermark, c.letters, c.reused} {
		out <- d
	}
}

// Collect tells the newest audit; nothing when none could be made yet.
func (c *AuditCollector) Collect(out chan<- prometheus.Metric) {
	a := c.audit()
	if a == nil {
		return
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(c.at, float64(a.At.Unix()))
	gauge(c.letters, float64(a.Letters))
	gauge(c.reused, float64(a.ReusedIDs))
	for _, p := range a.Partitions {
		partition := strconv.Itoa(p.Partition)
		gauge(c.stored, float64(p.Stored), p.Topic, partition)
		gauge(c.deadLettered, float64(p.DeadLettered), p.Topic, partition)
		gauge(c.missing, float64(p.Missing), p.Topic, partition)
		gauge(c.physically, float64(p.DuplicatedPhysically), p.Topic, partition)
		gauge(c.visibly, float64(p.DuplicatedVisibly), p.Topic, partition)
		gauge(c.late, p.LateShare, p.Topic, partition)
		if !p.Watermark.IsZero() {
			gauge(c.watermark, float64(p.Watermark.Unix()), p.Topic, partition)
		}
	}
}

func (c *AuditCollector) audit() *delivery.Audit {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.tried) < auditEvery {
		return c.last
	}
	ctx, cancel := context.WithTimeout(context.Background(), auditTimeout)
	defer cancel()
	a, err := c.auditor.Audit(ctx)
	c.tried = time.Now()
	if err != nil {
		c.logger.WarnContext(ctx, "no audit", "error", err)
		return c.last
	}
	c.last = a
	return a
}
