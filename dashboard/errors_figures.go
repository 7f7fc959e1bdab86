package dashboard

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/officepulse/analytics"
)

// controlMonths is how many months a control chart reaches back.
const controlMonths = 24

// errorFigures are everything that the page about errors shows.
type errorFigures struct {
	figures

	Rate, RateBefore     *analytics.Point
	Kinds                []pair // of faults
	KindsByQuarter       []analytics.Series
	Processes            []pair // error rates
	DepartmentRates      []pair
	Matrix               *analytics.Matrix
	Control              *analytics.Control
	Comparison           *analytics.Comparison
	DoneNow, DoneEarlier *analytics.Point
}

// errors asks for all figures of the page.
func (i inquiry) errors(ctx context.Context) (*errorFigures, error) {
	f := &errorFigures{}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(questionsAtOnce)
	i.common(ctx, g, &f.figures)
	i.point(ctx, g, "error_rate", i.now, &f.Rate)
	i.point(ctx, g, "error_rate", i.before, &f.RateBefore)
	i.point(ctx, g, "throughput", i.now, &f.DoneNow)
	i.point(ctx, g, "throughput", i.before, &f.DoneEarlier)
	i.courseOf(ctx, g, "error_rate", &f.Errors)
	i.courseOf(ctx, g, "throughput", &f.Completed)
	i.groupsOf(ctx, g, "faults", analytics.ByKind, &f.Kinds)
	i.groupsOf(ctx, g, "error_rate", analytics.ByProcess, &f.Processes)
	i.groupsOf(ctx, g, "error_rate", analytics.ByDepartment, &f.DepartmentRates)
	g.Go(func() error {
		q := i.about("faults", stretch{From: i.fiscal.start(i.filters.Quarter.add(1 - trend)), To: i.fiscal.end(i.filters.Quarter)})
		q.Bucket = analytics.BucketQuarter
		r, err := i.ask(ctx, "faults", q)
		if err == nil {
			f.KindsByQuarter = r.Series
		}
		return err
	})
	ask(g, &f.Matrix, "the error rate by process and department", func() (*analytics.Matrix, error) {
		return i.metrics.Matrix(ctx, "error_rate", analytics.ByProcess, analytics.ByDepartment, i.about("error_rate", i.now))
	})
	ask(g, &f.Control, "the control chart of the error rate", func() (*analytics.Control, error) {
		return i.metrics.Control(ctx, "error_rate", analytics.ControlQuery{Query: i.monthly("error_rate")})
	})
	ask(g, &f.Comparison, "the comparison of the error rate", func() (*analytics.Comparison, error) {
		return i.metrics.Compare(ctx, "error_rate", i.about("error_rate", i.now), i.before.From, i.before.To)
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if f.Unreported {
		f.Rate, f.RateBefore, f.Errors = nil, nil, course{}
	}
	return f, nil
}

// monthly is the question of a control chart: whole months up to the stretch's
// last, as far back as there is data.
func (i inquiry) monthly(metric string) analytics.Query {
	last := i.now.last().In(i.fiscal.zone)
	to := analytics.DayStart(last.Year(), last.Month()+1, 1, i.fiscal.zone)
	from := analytics.DayStart(last.Year(), last.Month()+1-controlMonths, 1, i.fiscal.zone)
	if first := i.firstData.In(i.fiscal.zone); from.Before(first) {
		if start := analytics.DayStart(first.Year(), first.Month(), 1, i.fiscal.zone); start.Before(to) {
			from = start
		}
	}
	q := i.about(metric, stretch{From: from, To: to})
	q.Bucket = analytics.BucketMonth
	return q
}

// monthOf is the stretch of a month, e.g. 2026-04.
func (f fiscal) monthOf(period string) (stretch, bool) {
	t, err := time.Parse("2006-01", period)
	if err != nil {
		return stretch{}, false
	}
	return stretch{
		From: analytics.DayStart(t.Year(), t.Month(), 1, f.zone), To: analytics.DayStart(t.Year(), t.Month()+1, 1, f.zone),
	}, true
}

// faultsIn sums up faults of all kinds, now and before.
func (f *errorFigures) faultsIn() (now, before uint64) {
	for _, k := range f.Kinds {
		if k.Now != nil {
			now += counted(k.Now)
		}
		if k.Before != nil {
			before += counted(k.Before)
		}
	}
	return now, before
}

// perHundred is the course of faults per 100 completed cases, as a mean.
func (f *errorFigures) perHundred(last quarter) (c course) {
	for at := range c {
		done := f.Completed[at]
		if done == nil || done.N == 0 {
			continue
		}
		var faults uint64
		for _, s := range f.KindsByQuarter {
			for p := range s.Points {
				if s.Points[p].Period == last.add(at+1-trend).String() {
					faults += counted(&s.Points[p])
				}
			}
		}
		c[at] = hundred(faults, done)
	}
	return c
}

// hundred is faults per 100 of the cases that a point counts, as its mean; nil
// without cases.
func hundred(faults uint64, done *analytics.Point) *analytics.Point {
	if done == nil || done.N == 0 {
		return nil
	}
	return &analytics.Point{N: done.N, Mean: new(100 * float64(faults) / float64(done.N))}
}
