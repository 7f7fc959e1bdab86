package dashboard

import (
	"context"
	"fmt"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/stats"
)

// The analyses of the story. They are empty until it has quarters.

func (f fake) header(metric, unit string, q analytics.Query) analytics.Header {
	asOf, _ := f.AsOf(context.Background())
	zone := q.Zone
	if zone == nil {
		zone = shanghai
	}
	return analytics.Header{Metric: metric, Unit: unit, Clock: q.Clock, Definition: metric + ": as the story has it.", Timezone: zone.String(), From: q.From, To: q.To, AsOf: asOf}
}

// newest is the last quarter of the story that lies before to, -1 without any.
func (f fake) newest(to time.Time) int {
	for i := f.quarters - 1; i >= 0; i-- {
		if !f.fiscal().end(storyStart.add(i)).After(to) {
			return i
		}
	}
	return -1
}

func (f fake) Cases(_ context.Context, q analytics.CaseQuery) (*analytics.CaseList, error) {
	list := &analytics.CaseList{Header: f.header(q.About, "seconds", q.Query), Cases: []analytics.CaseRow{}}
	if f.quarters == 0 || f.fail != nil {
		return list, f.fail
	}
	list.Total, list.N = 137, 137
	for i := q.Offset; i < min(q.Offset+max(q.Limit, 10), 137); i++ {
		started := q.From.Add(time.Duration(i) * time.Hour)
		row := analytics.CaseRow{
			Process: "doc_approval", CaseID: fmt.Sprintf("DOC-2026-%04d", i+1), Department: "sales", Class: "core",
			Started: started, Seconds: float64(140-i) * 3600, Stage: "leadership_sign", Faults: uint64(i % 2), Returns: uint64(i % 3),
		}
		if q.About != "work_in_progress" {
			row.Completed = new(started.Add(time.Duration(140-i) * 4 * time.Hour))
		}
		list.Cases = append(list.Cases, row)
	}
	return list, nil
}

func (f fake) Case(_ context.Context, process, caseID string) (*analytics.CaseTimeline, error) {
	if f.fail != nil {
		return nil, f.fail
	}
	if f.quarters == 0 || process != "doc_approval" {
		return nil, fmt.Errorf("tell of case %q: %w", caseID, analytics.ErrNoCase)
	}
	began := time.Date(2026, 7, 6, 9, 0, 0, 0, shanghai)
	at := func(hours int) time.Time { return began.Add(time.Duration(hours) * time.Hour) }
	h := f.header("case", "seconds", analytics.Query{From: began, To: at(49)})
	return &analytics.CaseTimeline{
		Header: h, Process: process, CaseID: caseID, Department: "sales", Class: "core", State: analytics.CaseCompleted, Elapsed: 49 * 3600, Working: 17 * 3600,
		Events: []analytics.TimelineEvent{
			{Time: began, Stage: "draft", Action: "submit", Actor: "u1", ActorDepartment: "sales"},
			{Time: at(3), Stage: "department_head", Action: "approve", Actor: "u2", ActorDepartment: "sales", SinceElapsed: 3 * 3600, SinceWorking: 3 * 3600},
			{Time: at(49), Stage: "leadership_sign", Action: "sign", Actor: "u3", ActorDepartment: "leadership", SinceElapsed: 46 * 3600, SinceWorking: 14 * 3600},
		},
		Stages: []analytics.TimelineStage{
			{Stage: "draft", Entered: began, Left: began, Visit: 1},
			{Stage: "department_head", Entered: began, Left: at(3), Elapsed: 3 * 3600, Working: 3 * 3600, Visit: 1},
			{Stage: "leadership_sign", Entered: at(3), Left: at(49), Elapsed: 46 * 3600, Working: 14 * 3600, Visit: 1},
		},
		Faults: []analytics.CaseFault{{Kind: "missing_attachment", Stage: "department_head", Department: "sales", Found: at(60)}},
		Limits: []analytics.CaseLimit{{Key: "core", Begun: began, Due: at(72), Done: new(at(49)), State: analytics.LimitKept}},
	}, nil
}

func (f fake) Distribution(_ context.Context, metric string, q analytics.Query) (*analytics.Distribution, error) {
	d := &analytics.Distribution{Header: f.header(metric, "seconds", q), Bins: []analytics.Bin{}, Percentiles: []float64{}}
	if f.quarters == 0 || f.fail != nil {
		return d, f.fail
	}
	for i := range 12 {
		bin := analytics.Bin{From: float64(i) * 14400, To: new(float64(i+1) * 14400), N: uint64(200 / (i + 1))}
		if i == 11 {
			bin.To = nil
		}
		d.N += bin.N
		d.Bins = append(d.Bins, bin)
	}
	for p := range 101 {
		d.Percentiles = append(d.Percentiles, float64(p*p)*20)
	}
	return d, nil
}

func (f fake) Matrix(_ context.Context, metric string, rows, columns analytics.By, q analytics.Query) (*analytics.Matrix, error) {
	m := &analytics.Matrix{Header: f.header(metric, "rate", q), Rows: rows, Columns: columns, Cells: []analytics.Cell{}}
	if f.quarters == 0 || f.fail != nil {
		return m, f.fail
	}
	hb := testHandbook()
	for i, p := range hb.Processes {
		for j, d := range hb.Departments[:5] {
			n, hits := uint64(40+10*j), uint64((i+2*j)%9)
			interval := stats.Wilson(hits, n)
			m.Cells = append(m.Cells, analytics.Cell{Row: p.Key, Column: d.Key, Point: analytics.Point{
				Start: q.From, End: q.To, N: n, Count: &hits, Rate: new(float64(hits) / float64(n)), Low: &interval.Low, High: &interval.High,
				Mean: new(storyDays[7] * 28800), Median: new(storyDays[7] * 28800 * float64(i+1) / 2), P90: new(storyDays[7] * 60000),
			}})
		}
	}
	return m, nil
}

// Control is a p chart of the story's error rate by month, whatever is asked:
// low since the changes, so that there is a run of signals.
func (f fake) Control(_ context.Context, metric string, q analytics.ControlQuery) (*analytics.Control, error) {
	c := &analytics.Control{Header: f.header(metric, "rate", q.Query), Chart: analytics.ChartP, Value: analytics.ValueRate, Bucket: analytics.BucketMonth, Points: []analytics.ControlPoint{}, Signals: []analytics.ControlSignal{}}
	if f.quarters == 0 || f.fail != nil {
		return c, f.fail
	}
	var hits, n []uint64
	var months []time.Time
	for i := range f.quarters * 3 {
		months = append(months, f.fiscal().start(storyStart).AddDate(0, i, 0))
		n = append(n, uint64(1300+i%5*20))
		hits = append(hits, uint64(storyErrors[i/3]*float64(n[i])/100)+uint64(i%4))
	}
	base := stats.Baseline{To: min(analytics.BaselineLength, len(n))}
	chart := stats.P(hits, n, base)
	c.Baseline = analytics.ControlBaseline{From: "2024-10", To: months[base.To-1].Format("2006-01"), Points: base.To, Frozen: base.To < len(n)}
	for i, p := range chart.Points {
		c.Points = append(c.Points, analytics.ControlPoint{
			Period: months[i].Format("2006-01"), Start: months[i], End: months[i].AddDate(0, 1, 0), N: n[i],
			Value: p.Value, Centre: p.Centre, Lower: p.Low, Upper: p.High, Sigma: p.Sigma, Baseline: i < base.To,
		})
	}
	for _, s := range chart.Signals {
		c.Signals = append(c.Signals, analytics.ControlSignal{Rule: s.Rule, From: c.Points[s.From].Period, To: c.Points[s.To].Period, Points: s.To - s.From + 1, Above: s.Up})
	}
	return c, nil
}

func (f fake) Compare(_ context.Context, metric string, q analytics.Query, beforeFrom, beforeTo time.Time) (*analytics.Comparison, error) {
	c := &analytics.Comparison{Header: f.header(metric, unitOf(metric), q), BeforeFrom: beforeFrom, BeforeTo: beforeTo, Splits: []analytics.Split{}}
	now, then := f.newest(q.To), f.newest(beforeTo)
	q.By = analytics.ByNone
	all, ok := f.groups(metric, q)["all"]
	if now < 0 || then < 0 || !ok || f.fail != nil {
		return c, f.fail
	}
	before, after := all(then), all(now)
	c.Before, c.After = &before, &after
	switch {
	case after.Rate != nil:
		i := stats.Newcombe(*after.Count, after.N, *before.Count, before.N)
		c.Difference = &analytics.Difference{Of: analytics.ValueRate, Value: *after.Rate - *before.Rate, Low: &i.Low, High: &i.High, Method: analytics.MethodNewcombe}
		c.Splits = []analytics.Split{fakeSplit(analytics.ByProcess, analytics.ValueRate, c.Difference.Value, "meeting", "doc_approval")}
	case after.Median != nil:
		d := *after.Median - *before.Median
		c.Difference = &analytics.Difference{Of: analytics.ValueMedian, Value: d, Low: new(d * 1.2), High: new(d * 0.8), Method: analytics.MethodBootstrap}
		c.Splits = []analytics.Split{fakeSplit(analytics.ByClass, analytics.ValueMean, *after.Mean-*before.Mean, "non_core", "core")}
	case after.Mean != nil:
		c.Difference = &analytics.Difference{Of: analytics.ValueMean, Value: *after.Mean - *before.Mean, Why: analytics.TooLittleData}
	default:
		c.Difference = &analytics.Difference{Of: analytics.ValueN, Value: float64(after.N) - float64(before.N), Why: analytics.NoMethod}
	}
	return c, nil
}

func unitOf(metric string) string {
	for _, d := range analytics.Catalogue() {
		if d.Metric == metric {
			return d.Unit
		}
	}
	return "seconds"
}

// fakeSplit gives a change mostly to the first group's own value.
func fakeSplit(by analytics.By, of analytics.Value, change float64, first, second string) analytics.Split {
	group := func(key string, part float64) analytics.GroupEffect {
		return analytics.GroupEffect{
			Key: key, BeforeN: 400, AfterN: 420, BeforeShare: 0.5, AfterShare: 0.5, Before: new(-2 * change), After: new(-2*change + 2*part*change),
			Mix: 0.1 * part * change, Rate: 0.9 * part * change, Effect: part * change,
		}
	}
	return analytics.Split{By: by, Of: of, Change: change, Mix: 0.1 * change, Rate: 0.9 * change, Groups: []analytics.GroupEffect{group(first, 0.7), group(second, 0.3)}}
}

func (f fake) Moves(ctx context.Context, q analytics.Query, beforeFrom, beforeTo time.Time) (*analytics.Moves, error) {
	m := &analytics.Moves{Header: f.header("moves", "effects", q), BeforeFrom: beforeFrom, BeforeTo: beforeTo, Totals: []analytics.MoveTotal{}, Moves: []analytics.Move{}}
	for _, metric := range []string{"lead_time", "error_rate"} {
		c, err := f.Compare(ctx, metric, q, beforeFrom, beforeTo)
		if err != nil || c.Before == nil {
			return m, err
		}
		total := analytics.MoveTotal{Metric: metric, Unit: c.Unit, Of: c.Splits[0].Of, BeforeN: c.Before.N, AfterN: c.After.N}
		if total.Of == analytics.ValueRate {
			total.Before, total.After = *c.Before.Rate, *c.After.Rate
		} else {
			total.Before, total.After = *c.Before.Mean, *c.After.Mean
		}
		m.Totals = append(m.Totals, total)
		for _, g := range fakeSplit(analytics.ByProcess, total.Of, total.After-total.Before, "doc_approval", "meeting").Groups {
			m.Moves = append(m.Moves, analytics.Move{Metric: metric, Unit: c.Unit, By: analytics.ByProcess, GroupEffect: g, Relative: g.Effect / max(total.Before, total.After)})
		}
	}
	return m, nil
}

func (f fake) Ageing(ctx context.Context, q analytics.Query) (*analytics.Ageing, error) {
	a := &analytics.Ageing{Header: f.header("work_in_progress", "seconds", q), At: q.To, Groups: []analytics.AgeGroup{}, Oldest: []analytics.CaseRow{}}
	begins := []int{0, 1, 2, 5, 10, 20, 0}
	for i := range 6 {
		a.Classes = append(a.Classes, analytics.AgeClass{FromDays: begins[i], BelowDays: begins[i+1], From: float64(begins[i]) * 28800, Below: float64(begins[i+1]) * 28800})
	}
	if f.quarters == 0 || f.fail != nil {
		return a, f.fail
	}
	group := analytics.AgeGroup{Key: "all"}
	for i := range a.Classes {
		a.Classes[i].N = uint64(30 / (i + 1))
		group.Classes = append(group.Classes, a.Classes[i].N)
		group.N += a.Classes[i].N
	}
	a.N, a.Groups = group.N, []analytics.AgeGroup{group}
	list, err := f.Cases(ctx, analytics.CaseQuery{Query: q, About: "work_in_progress"})
	a.Oldest = list.Cases[:min(5, len(list.Cases))]
	return a, err
}

func (f fake) Survival(_ context.Context, q analytics.Query) (*analytics.Survival, error) {
	s := &analytics.Survival{Header: f.header("lead_time", "seconds", q)}
	i := f.newest(q.To)
	if i < 0 || f.fail != nil {
		return s, f.fail
	}
	s.N, s.Completed, s.Open, s.Withdrawn = 890, 830, 30, 30
	s.Median, s.CompletedMedian = new(storyDays[i]*28800*0.83), new(storyDays[i]*28800*0.78)
	return s, nil
}
