package ingest

import "github.com/prometheus/client_golang/prometheus"

// sinkMetrics is what the sink tells Prometheus.
type sinkMetrics struct {
	stored       *prometheus.CounterVec // by topic
	deadLettered *prometheus.CounterVec // by topic
	lag          *prometheus.GaugeVec   // by topic and partition
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
		lag: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "officepulse_sink_lag_messages", Help: "Messages in the partition that are not stored yet.",
		}, []string{"topic", "partition"}),
		batchRows: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "officepulse_sink_batch_rows", Help: "Events in one insert.", Buckets: prometheus.ExponentialBuckets(1, 4, 9),
		}),
		batchSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "officepulse_sink_insert_seconds", Help: "Time that one insert took.", Buckets: prometheus.ExponentialBuckets(0.002, 2, 13),
		}),
		retries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "officepulse_sink_retries_total", Help: "Attempts that had to be repeated.",
		}, []string{"step"}),
		outOfRange: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "officepulse_sink_offset_out_of_range_total", Help: "Partitions whose committed offset lay outside the log: events may be lost, look at the log.",
		}, []string{"topic", "partition"}),
	}
	r.MustRegister(m.stored, m.deadLettered, m.lag, m.batchRows, m.batchSeconds, m.retries, m.outOfRange)
	return m
}
