package dashboard

import (
	"context"

	"golang.org/x/sync/errgroup"

	"example.com/officepulse/analytics"
)

// How many rows of the tables are asked for.
const (
	maxRoutes      = 8
	maxHandovers   = 400
	maxTransitions = 100
	oldestCases    = 10
)

// approvalFigures are everything that the page about approvals shows.
type approvalFigures struct {
	figures

	Time, TimeBefore           *analytics.Point // lead time or, of a chosen stage, stage time
	Course                     course
	Trend                      []analytics.Point
	OnTime, OnTimeBefore       *analytics.Point
	FirstPass, FirstPassBefore *analytics.Point
	Open, OpenBefore           *analytics.Point
	Limits                     []pair // on-time rates, keys process/limit
	Spent                      []pair // stage times
	Done, DoneBefore           *analytics.Point
	Distribution               *analytics.Distribution
	Control                    *analytics.Control
	Bottlenecks                []analytics.Bottleneck
	Variants                   []analytics.Variant
	Handovers                  []analytics.Handover
	Transitions                *analytics.Result // by total wait
	Deviations                 *analytics.Result
	Ageing                     *analytics.Ageing
	Survival                   *analytics.Survival
	Comparison                 *analytics.Comparison
	Moves                      *analytics.Moves
}

// timed is the metric that the page is about: the lead time of cases or, where
// a stage is chosen, the time of its visits.
func (f filters) timed() string {
	if f.Stage != "" {
		return "stage_time"
	}
	return "lead_time"
}

// approvals asks for all figures of the page.
func (i inquiry) approvals(ctx context.Context) (*approvalFigures, error) {
	f := &approvalFigures{}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(questionsAtOnce)
	i.common(ctx, g, &f.figures)
	i.times(ctx, g, f)
	i.point(ctx, g, "on_time_rate", i.now, &f.OnTime)
	i.point(ctx, g, "on_time_rate", i.before, &f.OnTimeBefore)
	i.groupsOf(ctx, g, "on_time_rate", analytics.ByLimit, &f.Limits)
	i.point(ctx, g, "first_pass_yield", i.now, &f.FirstPass)
	i.point(ctx, g, "first_pass_yield", i.before, &f.FirstPassBefore)
	i.point(ctx, g, "work_in_progress", i.now, &f.Open)
	i.point(ctx, g, "work_in_progress", i.before, &f.OpenBefore)
	i.ways(ctx, g, f)
	ask(g, &f.Ageing, "the age of open cases", func() (*analytics.Ageing, error) {
		q := i.about("work_in_progress", i.now)
		q.Limit = oldestCases
		return i.metrics.Ageing(ctx, q)
	})
	ask(g, &f.Survival, "the median with open cases", func() (*analytics.Survival, error) {
		return i.metrics.Survival(ctx, i.about("lead_time", i.now))
	})
	ask(g, &f.Comparison, "the comparison of times", func() (*analytics.Comparison, error) {
		return i.metrics.Compare(ctx, i.filters.timed(), i.about(i.filters.timed(), i.now), i.before.From, i.before.To)
	})
	i.moves(ctx, g, &f.Moves)
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return f, nil
}

// times asks for what cases or visits took, seen in five ways.
func (i inquiry) times(ctx context.Context, g *errgroup.Group, f *approvalFigures) {
	metric := i.filters.timed()
	i.point(ctx, g, metric, i.now, &f.Time)
	i.point(ctx, g, metric, i.before, &f.TimeBefore)
	i.courseOf(ctx, g, metric, &f.Course)
	g.Go(func() error {
		r, err := i.ask(ctx, metric, i.trend(metric))
		if err == nil && len(r.Series) > 0 {
			f.Trend = r.Series[0].Points
		}
		return err
	})
	ask(g, &f.Distribution, "the distribution of times", func() (*analytics.Distribution, error) {
		return i.metrics.Distribution(ctx, metric, i.about(metric, i.now))
	})
	ask(g, &f.Control, "the control chart of times", func() (*analytics.Control, error) {
		return i.metrics.Control(ctx, metric, analytics.ControlQuery{Query: i.monthly(metric)})
	})
}

// ways asks where cases went, from whom to whom, and where their time was
// spent. A chosen stage does not narrow that: it is about all stages.
func (i inquiry) ways(ctx context.Context, g *errgroup.Group, f *approvalFigures) {
	all := i
	all.filters.Stage = ""
	all.groupsOf(ctx, g, "stage_time", analytics.ByStage, &f.Spent)
	all.point(ctx, g, "lead_time", i.now, &f.Done)
	all.point(ctx, g, "lead_time", i.before, &f.DoneBefore)
	rows(ctx, g, all, "bottlenecks", all.about("bottlenecks", i.now), &f.Bottlenecks)
	routes := all.about("variants", i.now)
	routes.Limit = maxRoutes
	rows(ctx, g, all, "variants", routes, &f.Variants)
	handed := all.about("handovers", i.now)
	handed.Limit = maxHandovers
	rows(ctx, g, all, "handovers", handed, &f.Handovers)
	passed := all.about("transitions", i.now)
	passed.Limit, passed.Sort = maxTransitions, analytics.SortTotal
	all.table(ctx, g, "transitions", passed, &f.Transitions)
	all.table(ctx, g, "deviations", all.about("deviations", i.now), &f.Deviations)
}

// How far back trends reach, in their steps.
const (
	trendMonths = 24
	trendWeeks  = 26
)

// trend is the question of a trend in the steps chosen, the stretch's end in
// the last of them.
func (i inquiry) trend(metric string) analytics.Query {
	last := i.now.last().In(i.fiscal.zone)
	of := stretch{From: i.fiscal.start(i.filters.Quarter.add(1 - trend)), To: i.fiscal.end(i.filters.Quarter)}
	bucket := analytics.BucketQuarter
	switch i.filters.Bucket {
	case analytics.BucketMonth:
		bucket = analytics.BucketMonth
		of.To = analytics.DayStart(last.Year(), last.Month()+1, 1, i.fiscal.zone)
		of.From = analytics.DayStart(last.Year(), last.Month()+1-trendMonths, 1, i.fiscal.zone)
	case analytics.BucketWeek:
		bucket = analytics.BucketWeek
		since := (int(last.Weekday()) + 6) % 7 // Monday
		of.To = analytics.DayStart(last.Year(), last.Month(), last.Day()-since+7, i.fiscal.zone)
		of.From = analytics.DayStart(last.Year(), last.Month(), last.Day()-since+7-7*trendWeeks, i.fiscal.zone)
	default:
	}
	q := i.about(metric, of)
	q.Bucket = bucket
	return q
}

// moves asks what changed most between the two stretches.
func (i inquiry) moves(ctx context.Context, g *errgroup.Group, into **analytics.Moves) {
	ask(g, into, "what changed most", func() (*analytics.Moves, error) {
		return i.metrics.Moves(ctx, i.about("lead_time", i.now), i.before.From, i.before.To)
	})
}

// bucketStretch is the time of a trend's point.
func bucketStretch(p *analytics.Point) stretch { return stretch{From: p.Start, To: p.End} }
