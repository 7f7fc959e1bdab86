package analytics_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/oracle"
	"example.com/officepulse/analytics/stats"
	"example.com/officepulse/ingest/event"
)

// months is a story of as many months, of whose cases in a month some took as
// long as said and some have a fault.
func months(t *testing.T, took func(month int) time.Duration, faults func(month int) int, n int) []event.Event {
	t.Helper()
	var events []event.Event
	for month := range n {
		for i := range 40 {
			id := time.Month(month).String() + string(rune('a'+month)) + string(rune('A'+i))
			at := time.Date(2024, time.January+time.Month(month), 10, 1, 0, i, 0, time.UTC)
			events = append(events, lone(id, at, took(month)+time.Duration(i%5)*time.Minute)...)
			if i < faults(month) {
				events = append(events, event.Event{
					ID: "fault of " + id, Source: "/test", Type: event.TypeFault, Time: at.Add(time.Hour),
					Fault: &event.Fault{FaultID: "f " + id, Process: "approval", CaseID: id, Kind: "late", Severity: event.Minor, Status: event.Confirmed, Department: "sales"},
				})
			}
		}
	}
	return events
}

// A change after two years shows as a run and as points outside, against limits
// that the first year alone has set.
func TestControlSeesAChange(t *testing.T) {
	took := func(month int) time.Duration {
		hours := 10 + month%3
		if month >= 16 {
			hours -= 6
		}
		return time.Duration(hours) * time.Hour
	}
	faults := func(month int) int {
		if month >= 16 {
			return 1 + month%2
		}
		return 5 + month%3
	}
	conn := store(t)
	insert(t, conn, oracle.Log(months(t, took, faults, 24)))
	m := overFacts(conn, office(), workdays(t, "UTC"))
	q := analytics.ControlQuery{Query: analytics.Query{From: day(2024, time.January, 1), To: day(2026, time.January, 1), Zone: time.UTC}}
	control := func(metric string, q analytics.ControlQuery) *analytics.Control {
		t.Helper()
		c, err := m.Control(t.Context(), metric, q)
		if err != nil {
			t.Fatalf("%s: %v", metric, err)
		}
		return c
	}
	signal := func(c *analytics.Control, want analytics.ControlSignal) {
		t.Helper()
		if !slices.Contains(c.Signals, want) {
			t.Errorf("%s: %+v is not among %+v", c.Metric, want, c.Signals)
		}
	}
	run := analytics.ControlSignal{Rule: stats.Run, From: "2025-04", To: "2025-12", Points: 9} // April was a quick month already

	lead := control("lead_time", q)
	if lead.Chart != analytics.ChartXmR || lead.Value != analytics.ValueMedian || len(lead.Points) != 24 {
		t.Fatalf("%s of %s with %d points", lead.Chart, lead.Value, len(lead.Points))
	}
	if b := lead.Baseline; b.From != "2024-01" || b.To != "2024-12" || b.Points != 12 || !b.Frozen || !lead.Points[11].Baseline || lead.Points[12].Baseline {
		t.Errorf("the baseline is %+v", b)
	}
	// Medians of 10, 11, 12 hours and two minutes, four times over.
	near(t, "centre", lead.Points[0].Centre, 11*3600+120)
	near(t, "mean range", lead.MeanRange, float64(8*3600+3*7200)/11)
	near(t, "upper limit", lead.Points[23].Upper, 11*3600+120+2.66*lead.MeanRange)
	signal(lead, run)
	signal(lead, analytics.ControlSignal{Rule: stats.Outside, From: "2025-05", To: "2025-05", Points: 1})

	rate := control("error_rate", q)
	if rate.Chart != analytics.ChartP || rate.Value != analytics.ValueRate || rate.Points[0].N != 40 {
		t.Errorf("%s of %s: %+v", rate.Chart, rate.Value, rate.Points[0])
	}
	signal(rate, run)
	q.Chart = analytics.ChartLaneyP
	if laney := control("error_rate", q); laney.SigmaZ <= 0 || laney.SigmaZ >= 1 {
		t.Errorf("shares that vary less than by chance: sigma z %v", laney.SigmaZ)
	}
	q.Chart = ""
	faulty := control("faults", q)
	if faulty.Chart != analytics.ChartU || faulty.Unit != "rate" || faulty.Points[2].Value != 7.0/40 {
		t.Errorf("%s in %s: %+v", faulty.Chart, faulty.Unit, faulty.Points[2])
	}
	signal(faulty, run)
	for bucket, points := range map[analytics.Bucket]int{analytics.BucketQuarter: 8, analytics.BucketWeek: 24} {
		q.Bucket = bucket
		if c := control("throughput", q); len(c.Points) != points || c.Value != analytics.ValueN || c.Baseline.Frozen != (points > 19) {
			t.Errorf("by %s: %d points, baseline %+v", bucket, len(c.Points), c.Baseline)
		}
	}
	q.Bucket, q.BaselineFrom, q.BaselineTo = "", day(2025, time.June, 1), day(2026, time.January, 1)
	if c := control("lead_time", q); c.Baseline.From != "2025-06" || c.Baseline.To != "2025-12" || c.Baseline.Points != 7 {
		t.Errorf("the baseline asked for is %+v", c.Baseline)
	}
	q.MinN = 41
	if c := control("lead_time", q); len(c.Points) != 0 || len(c.Signals) != 0 {
		t.Errorf("%d points rest on enough", len(c.Points))
	}
}

func TestControlErrQuery(t *testing.T) {
	m := analytics.New(store(t), office(), workdays(t, "UTC")).Publishing(0, nil)
	f := func(metric string, change func(*analytics.ControlQuery)) {
		t.Helper()
		q := analytics.ControlQuery{Query: year(2026)}
		change(&q)
		if _, err := m.Control(t.Context(), metric, q); !errors.Is(err, analytics.ErrQuery) {
			t.Errorf("%s, %+v: %v", metric, q, err)
		}
	}
	f("luck", func(*analytics.ControlQuery) {})
	f("variants", func(*analytics.ControlQuery) {})
	f("lead_time", func(q *analytics.ControlQuery) { q.Chart = analytics.ChartP })
	f("error_rate", func(q *analytics.ControlQuery) { q.Value = analytics.ValueMedian })
	f("lead_time", func(q *analytics.ControlQuery) { q.Bucket = analytics.BucketDay })
	f("lead_time", func(q *analytics.ControlQuery) { q.BaselineFrom = q.From })
	f("faults", func(q *analytics.ControlQuery) { q.Stage = []string{"draft"} })
	f("lead_time", func(q *analytics.ControlQuery) { q.Stage = []string{"draft"} })
	f("lead_time", func(q *analytics.ControlQuery) { q.To = q.From })
}
