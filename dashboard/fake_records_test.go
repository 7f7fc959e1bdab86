package dashboard

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"example.com/officepulse/analytics"
	reform "example.com/officepulse/analytics/change"
	"example.com/officepulse/analytics/figure"
	"example.com/officepulse/analytics/quarters"
	"example.com/officepulse/analytics/record"
	"example.com/officepulse/analytics/stats"
	"example.com/officepulse/analytics/target"
)

// fakeRecords keeps records in memory as package ledger does in a table.
type fakeRecords[T any] struct {
	mu        sync.Mutex
	revisions []*T
	stamp     func(*T) *record.Stamp
	fail      error
}

func (f *fakeRecords[T]) Newest(context.Context) ([]*T, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var newest []*T
	for _, r := range f.revisions {
		newest = slices.DeleteFunc(newest, func(one *T) bool { return f.stamp(one).Key == f.stamp(r).Key })
		newest = append(newest, r)
	}
	return newest, f.fail
}

func (f *fakeRecords[T]) Find(ctx context.Context, key string) (*T, error) {
	list, err := f.History(ctx, key)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: %w", key, record.ErrUnknown)
	}
	return list[0], nil
}

func (f *fakeRecords[T]) History(_ context.Context, key string) (all []*T, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range slices.Backward(f.revisions) {
		if f.stamp(r).Key == key {
			all = append(all, r)
		}
	}
	return all, f.fail
}

func (f *fakeRecords[T]) Save(ctx context.Context, of *T) error {
	s := f.stamp(of)
	newest, err := f.Find(ctx, s.Key)
	if err == nil && s.Revision == 1 {
		return record.Refuse(record.BadKey, "key", "there is one already")
	}
	if err == nil && s.Revision != f.stamp(newest).Revision+1 {
		return record.ErrOvertaken
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.revisions = append(f.revisions, of)
	return f.fail
}

var byDirector = record.By{Author: "director", Reason: "promised to leadership", At: time.Date(2026, 1, 12, 9, 0, 0, 0, shanghai)}

// heldTargets are the story's: one reached and scored, one still on its way, one behind.
func heldTargets(tb testing.TB) *fakeRecords[target.Target] {
	tb.Helper()
	f := &fakeRecords[target.Target]{stamp: func(t *target.Target) *record.Stamp { return &t.Stamp }}
	q := func(year, number int) quarters.Quarter { return quarters.Quarter{Year: year, Number: number} }
	const day = 8 * 3600
	make := func(key, zh, en string, of figure.Figure, from, to float64, start, due quarters.Quarter) *target.Target {
		direction := target.Lower
		if to > from {
			direction = target.Higher
		}
		t, err := target.New(&target.Target{
			Stamp: record.Stamp{Key: key}, Name: record.Text{ZH: zh, EN: en}, Figure: of, Direction: direction,
			Baseline: target.Baseline{Value: from, From: "2025-07-01", To: "2026-01-01", N: 1800}, Goal: to, Start: start, Due: due, Owner: "王主任",
		}, byDirector)
		if err != nil {
			tb.Fatal(err)
		}
		f.revisions = append(f.revisions, t)
		return t
	}
	make("approval-days", "文件审批 3.2 → 1.5 个工作日", "Document approval from 3.2 to 1.5 working days",
		figure.Figure{Metric: "lead_time", Value: analytics.ValueMean, Clock: analytics.ClockWorking, Process: "doc_approval"}, 3.2*day, 1.5*day, q(2026, 1), q(2026, 3))
	make("error-rate", "错漏率下降 40%", "Error rate down by 40%", figure.Figure{Metric: "error_rate", Value: analytics.ValueRate}, 0.071, 0.0426, q(2026, 1), q(2026, 4))
	score := make("satisfaction", "满意度 75 → 95 分", "Satisfaction from 75 to 95 points", figure.Figure{Metric: "satisfaction", Value: analytics.ValueMean}, 75, 95, q(2026, 1), q(2026, 3))
	next, err := score.CheckedIn("会议室设备仍有抱怨", target.Unsure, byDirector)
	if err != nil {
		tb.Fatal(err)
	}
	f.revisions = append(f.revisions, next)
	return f
}

// fakeStudy knows the weeks around the story's change of March 2026: other
// documents became fast, core documents hardly.
type fakeStudy struct{ fake }

func (f fakeStudy) StartWeeks(_ context.Context, metric string, _ analytics.Query, starts []time.Time, _ time.Time) (list []analytics.StartWeek, err error) {
	if f.fail != nil {
		return nil, f.fail
	}
	random := rand.New(rand.NewPCG(1, 1))
	for i, start := range starts {
		late := !start.Before(time.Date(2026, 3, 2, 0, 0, 0, 0, shanghai))
		for _, class := range []string{"core", "non_core"} {
			days := map[string][2]float64{"core": {3.2, 2.6}, "non_core": {3.2, 1.1}}[class]
			typical, p := days[0], 0.085
			if late {
				typical, p = days[1], 0.055
			}
			w := analytics.StartWeek{Week: i, Class: class, N: map[string]uint64{"core": 15, "non_core": 55}[class]}
			for range w.N {
				if metric == "error_rate" && random.Float64() < p {
					w.Hits++
				}
				if metric == "lead_time" {
					w.Values = append(w.Values, typical*8*3600*(0.5+random.Float64()))
				}
			}
			list = append(list, w)
		}
	}
	return list, nil
}

func (f fakeStudy) Scores(_ context.Context, q analytics.Query) (list []stats.Sample, err error) {
	mean := 75.0
	if !q.From.Before(time.Date(2026, 3, 2, 0, 0, 0, 0, shanghai)) {
		mean = 90
	}
	for i := range 12 {
		list = append(list, stats.Sample{N: 12, Mean: mean + float64(i%3), Variance: 80})
	}
	return list, f.fail
}

// heldChanges are of the story: approvals simplified, and one that changed nothing.
func heldChanges(tb testing.TB) *fakeRecords[reform.Change] {
	tb.Helper()
	f := &fakeRecords[reform.Change]{stamp: func(c *reform.Change) *record.Stamp { return &c.Stamp }}
	lead := figure.Figure{Metric: "lead_time", Value: analytics.ValueMedian, Clock: analytics.ClockWorking, Process: "doc_approval"}
	rate := figure.Figure{Metric: "error_rate", Value: analytics.ValueRate, Process: "doc_approval"}
	for _, draft := range []*reform.Change{
		{Stamp: record.Stamp{Key: "simplified"}, Name: record.Text{ZH: "审批简化", EN: "Approval simplified"}, What: "非核心文件取消决策层签发", Why: "太慢", Process: "doc_approval", From: "2026-03-02", RampDays: 28, Figures: []figure.Figure{lead, rate, {Metric: "satisfaction", Value: analytics.ValueMean}}},
		{Stamp: record.Stamp{Key: "stamps"}, Name: record.Text{ZH: "新印章", EN: "New stamps"}, What: "新印章", Process: "doc_approval", Departments: []string{"sales"}, From: "2025-08-04", Figures: []figure.Figure{lead}},
		{Stamp: record.Stamp{Key: "soon"}, Name: record.Text{EN: "One counter"}, What: "one counter", From: "2026-09-28", RampDays: 14, Figures: []figure.Figure{rate}},
	} {
		c, err := reform.New(draft, byDirector)
		if err != nil {
			tb.Fatal(err)
		}
		f.revisions = append(f.revisions, c)
	}
	return f
}
