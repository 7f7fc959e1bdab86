package ingest

import (
	"context"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// sinkMetrics is what the sink tells Prometheus.
type sinkMetrics struct {
	stored       *prometheus.CounterVec // by topic
	deadLettered *prometheus.CounterVec // by topic
	fetched      *prometheus.CounterVec // by topic
	batchRows    prometheus.Histogram
	batchSeconds prometheus.Histogram
	retries      *prometheus.CounterVec // by what had to be tried again
	outOfRange   *prometheus.CounterVec // by topic and partition
}

func newSinkMetrics(r prometheus.Registerer) *sinkMetrics {
	m := &sinkMetrics{
		stored: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "officepulse_events_stored_total", Help: "Events inserted into ClickHouse, redeliveries included.",
		}, []string{"topic"}),
		deadLettered: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "officepulse_events_deadlettered_total", Help: "Messages put into the dead-letter topic.",
		}, []string{"topic"}),
		fetched: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "officepulse_sink_fetched_total", Help: "Messages taken out of Kafka, redeliveries included.",
		}, []string{"topic"}),
		batchRows: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "officepulse_sink_batch_rows", Help: "Events in one insert.", Buckets: prometheus.ExponentialBuckets(1, 4, 9),
		}),
		batchSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "officepulse_sink_insert_seconds", Help: "Time that one attempt to insert took.", Buckets: prometheus.ExponentialBuckets(0.002, 2, 13),
		}),
		retries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "officepulse_sink_retries_total", Help: "Attempts that had to be repeated.",
		}, []string{"step"}),
		outOfRange: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "officepulse_sink_offset_out_of_range_total", Help: "Partitions whose committed offset lay outside the log: events may be lost, look at the log.",
		}, []string{"topic", "partition"}),
	}
	r.MustRegister(m.stored, m.deadLettered, m.fetched, m.batchRows, m.batchSeconds, m.retries, m.outOfRange)
	return m
}

// LagCollector tells Prometheus how far the sink's consumer group is behind. It
// asks the broker at every scrape, so that it is true also while the sink, the
// warehouse or both are away.
type LagCollector struct {
	brokers []string
	group   string
	lag     *prometheus.Desc
	up      *prometheus.Desc
}

// NewLagCollector returns the collector for the group of [DefaultSinkConfig].
func NewLagCollector(brokers []string) *LagCollector {
	return &LagCollector{
		brokers: brokers, group: DefaultSinkConfig().Group,
		lag: prometheus.NewDesc("officepulse_sink_lag_messages", "Messages in the partition that are neither stored nor put aside.", []string{"topic", "partition"}, nil),
		up:  prometheus.NewDesc("officepulse_kafka_up", "1 while the broker answers.", nil, nil),
	}
}

// Describe names the metrics.
func (c *LagCollector) Describe(out chan<- *prometheus.Desc) {
	out <- c.lag
	out <- c.up
}

// Collect asks the broker.
func (c *LagCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), clusterTimeout)
	defer cancel()
	lags, err := Lag(ctx, c.brokers, c.group)
	if err != nil {
		out <- prometheus.MustNewConstMetric(c.up, prometheus.GaugeValue, 0)
		return
	}
	out <- prometheus.MustNewConstMetric(c.up, prometheus.GaugeValue, 1)
	for _, l := range lags {
		out <- prometheus.MustNewConstMetric(c.lag, prometheus.GaugeValue, float64(l.Lag), l.Topic, strconv.Itoa(l.Partition))
	}
}
