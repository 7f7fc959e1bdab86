package torture

import (
	"testing"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/analytics/oracle"
	"example.com/officepulse/ingest/event"
)

// judgeFigures compares every metric with a slow recomputation from events.
func (o *office) judgeFigures(events []event.Event) {
	o.t.Helper()
	for _, difference := range recomputed(o.t, events).Check(o.t.Context(), o.metrics()) {
		o.t.Error(difference)
	}
}

// recomputed are the figures that events make, whatever became of them.
func recomputed(t *testing.T, events []event.Event) *oracle.Oracle {
	t.Helper()
	hb := handbook.Default()
	cal, err := hb.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	return oracle.New(hb, cal, oracle.Log(events))
}

// metrics are the office's figures, as the product computes them.
func (o *office) metrics() *analytics.Metrics {
	o.t.Helper()
	hb := handbook.Default()
	cal, err := hb.Calendar()
	if err != nil {
		o.t.Fatal(err)
	}
	return analytics.New(o.conn, hb, cal).Publishing(0, nil)
}

// compareFigures compares every metric with another office's.
func (o *office) compareFigures(other *office) {
	o.t.Helper()
	here, there := o.metrics(), other.metrics()
	for _, q := range recomputed(o.t, o.sender.events).Questions() {
		got, err := here.Query(o.t.Context(), q.Metric, q.Query)
		if err != nil {
			o.t.Fatalf("%s: %v", q, err)
		}
		want, err := there.Query(o.t.Context(), q.Metric, q.Query)
		if err != nil {
			o.t.Fatalf("%s: %v", q, err)
		}
		for _, difference := range oracle.Differences(got, want) {
			o.t.Errorf("not as in the other office: %s: %s", q, difference)
		}
	}
}
