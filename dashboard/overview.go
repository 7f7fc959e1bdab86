package dashboard

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/officepulse/analytics"
)

// trend is how many quarters lines and sparklines show, the chosen one last.
const trend = 8

// course is a metric's points over the quarters shown; nil where there is no data.
type course [trend]*analytics.Point

func (c course) now() *analytics.Point      { return c[trend-1] }
func (c course) previous() *analytics.Point { return c[trend-2] }
func (c course) lastYear() *analytics.Point { return c[trend-5] }

// pair is one group's points in the chosen and an earlier quarter.
type pair struct {
	Key         string
	Before, Now *analytics.Point
}

// figures are everything that the Overview shows.
type figures struct {
	AsOf        time.Time
	First, Last quarter // between which there is data

	Lead         course
	OtherClock   *analytics.Point  // lead time of the chosen quarter on the other clock
	Classes      []analytics.Point // lead time of the chosen quarter by class, beside ClassKeys
	ClassKeys    []string
	Errors       course
	Completed    course
	Satisfaction course
	Departments  []pair // satisfaction, against the previous quarter
	Stages       []pair // stage time, against the same quarter last year
	Faults       []pair // against the previous quarter

	ProcessKeys, DepartmentKeys []string // of completed cases of any period, handbook or not

	Moves *analytics.Moves // what changed most; nil where it cannot be told

	// Largest is the process with most cases in the chosen quarter, when no
	// process is chosen; its Key is "" when there are none.
	Largest pair
	// Unreported is set when no fault was ever reported about the chosen
	// process: an error rate of it would only say that nobody looks.
	Unreported bool
}

// empty reports whether the chosen quarter has nothing to show. Satisfaction,
// which is not asked by process, says nothing about a chosen one.
func (f *figures) empty(ofProcess bool) bool {
	return f.Lead.now() == nil && f.Completed.now() == nil && (ofProcess || f.Satisfaction.now() == nil)
}

// enquiry asks the metrics for one page.
type enquiry struct {
	metrics     Metrics
	fiscal      fiscal
	filters     filters
	lead        string  // the process whose times are shown
	first, last quarter // between which there is data
	firstData   time.Time
	decided     decided
}

// gather asks for all figures at once. Lead and stage times are of one process,
// since a mean over a seal and a purchase says nothing; satisfaction is not
// asked by process, so that filter does not touch it.
func (e enquiry) gather(ctx context.Context) (*figures, error) {
	f := &figures{First: e.first, Last: e.last}
	q := e.filters.Quarter
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { f.AsOf, err = e.metrics.AsOf(ctx); return err })

	e.course(ctx, g, "lead_time", e.leadQuery(), &f.Lead)
	e.course(ctx, g, "error_rate", e.query(trend), &f.Errors)
	e.course(ctx, g, "throughput", e.query(trend), &f.Completed)
	e.course(ctx, g, "satisfaction", e.satisfactionQuery(trend), &f.Satisfaction)

	stages := e.leadQuery()
	stages.By, stages.From = analytics.ByStage, e.fiscal.start(q.add(-4))
	e.pairs(ctx, g, "stage_time", stages, q.add(-4), &f.Stages)

	faults := e.query(2)
	faults.By = analytics.ByKind
	e.pairs(ctx, g, "faults", faults, q.add(-1), &f.Faults)

	departments := e.satisfactionQuery(2)
	departments.By, departments.Department = analytics.ByDepartment, nil
	e.pairs(ctx, g, "satisfaction", departments, q.add(-1), &f.Departments)

	g.Go(func() error { return e.otherClock(ctx, f) })
	g.Go(func() error { return e.classes(ctx, f) })
	g.Go(func() (err error) { f.ProcessKeys, err = e.groups(ctx, analytics.ByProcess); return err })
	g.Go(func() (err error) { f.DepartmentKeys, err = e.groups(ctx, analytics.ByDepartment); return err })
	g.Go(func() error { return e.largest(ctx, f) })
	now := e.fiscal.chosen(e.filters)
	inquiry{enquiry: e, now: now, before: e.fiscal.before(e.filters, now, e.firstData)}.moves(ctx, g, &f.Moves)
	g.Go(func() (err error) { f.Unreported, err = e.unreported(ctx); return err })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if f.Unreported {
		f.Errors = course{}
	}
	return f, nil
}

// unreported reports whether a process is chosen about which no fault was ever reported.
func (e enquiry) unreported(ctx context.Context) (bool, error) {
	if e.filters.Process == "" {
		return false, nil
	}
	reported, err := e.metrics.FaultProcesses(ctx)
	if err != nil {
		return false, fmt.Errorf("list processes with faults: %w", err)
	}
	return !slices.Contains(reported, e.filters.Process), nil
}

// largest finds the process to look at where the usual one has no cases.
func (e enquiry) largest(ctx context.Context, f *figures) error {
	if e.filters.Process != "" {
		return nil
	}
	q := e.query(1)
	q.By = analytics.ByProcess
	r, err := e.ask(ctx, "throughput", q)
	if err != nil {
		return err
	}
	for _, s := range r.Series {
		if s.Key != "" && len(s.Points) > 0 && (f.Largest.Now == nil || s.Points[0].N > f.Largest.Now.N) {
			f.Largest = pair{Key: s.Key, Now: &s.Points[0]}
		}
	}
	return nil
}

// query is the question about the chosen quarter and those before it, n in all.
func (e enquiry) query(n int) analytics.Query {
	q := analytics.Query{
		From: e.fiscal.start(e.filters.Quarter.add(1 - n)), To: e.fiscal.end(e.filters.Quarter), Zone: e.fiscal.zone,
		Bucket: analytics.BucketQuarter, By: analytics.ByNone, Clock: e.filters.Clock,
	}
	if e.filters.Process != "" {
		q.Process = []string{e.filters.Process}
	}
	if e.filters.Department != "" {
		q.Department = []string{e.filters.Department}
	}
	return q
}

func (e enquiry) leadQuery() analytics.Query {
	q := e.query(trend)
	q.Process = []string{e.lead}
	return q
}

func (e enquiry) satisfactionQuery(n int) analytics.Query {
	q := e.query(n)
	q.Process = nil
	return q
}

func (e enquiry) ask(ctx context.Context, metric string, q analytics.Query) (*analytics.Result, error) {
	r, err := e.metrics.Query(ctx, metric, q)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", metric, err)
	}
	return r, nil
}

func (e enquiry) course(ctx context.Context, g *errgroup.Group, metric string, q analytics.Query, into *course) {
	g.Go(func() error {
		r, err := e.ask(ctx, metric, q)
		if err != nil {
			return err
		}
		first := e.filters.Quarter.add(1 - trend)
		for _, s := range r.Series {
			for i := range s.Points {
				q, ok := parseQuarter(s.Points[i].Period)
				if at := q.minus(first); ok && at >= 0 && at < trend {
					into[at] = &s.Points[i]
				}
			}
		}
		return nil
	})
}

func (e enquiry) pairs(ctx context.Context, g *errgroup.Group, metric string, q analytics.Query, before quarter, into *[]pair) {
	g.Go(func() error {
		r, err := e.ask(ctx, metric, q)
		if err != nil {
			return err
		}
		for _, s := range r.Series {
			p := pair{Key: s.Key}
			for i := range s.Points {
				switch s.Points[i].Period {
				case e.filters.Quarter.String():
					p.Now = &s.Points[i]
				case before.String():
					p.Before = &s.Points[i]
				}
			}
			if p.Now != nil || p.Before != nil {
				*into = append(*into, p)
			}
		}
		return nil
	})
}

func (e enquiry) otherClock(ctx context.Context, f *figures) error {
	q := e.leadQuery()
	q.From, q.Clock = e.fiscal.start(e.filters.Quarter), otherClock(q.Clock)
	r, err := e.ask(ctx, "lead_time", q)
	if err != nil {
		return err
	}
	if len(r.Series) > 0 && len(r.Series[0].Points) > 0 {
		f.OtherClock = &r.Series[0].Points[0]
	}
	return nil
}

func otherClock(c analytics.Clock) analytics.Clock {
	if c == analytics.ClockWorking {
		return analytics.ClockElapsed
	}
	return analytics.ClockWorking
}

func (e enquiry) classes(ctx context.Context, f *figures) error {
	q := e.leadQuery()
	q.From, q.By = e.fiscal.start(e.filters.Quarter), analytics.ByClass
	r, err := e.ask(ctx, "lead_time", q)
	if err != nil {
		return err
	}
	for _, s := range r.Series {
		if len(s.Points) > 0 {
			f.ClassKeys = append(f.ClassKeys, s.Key)
			f.Classes = append(f.Classes, s.Points[0])
		}
	}
	return nil
}

// groups lists the keys that completed cases of any period have, whatever the
// filters say: they are what the filters offer.
func (e enquiry) groups(ctx context.Context, by analytics.By) ([]string, error) {
	q := e.query(1)
	q.From, q.To = e.fiscal.start(e.first), e.fiscal.end(e.last)
	q.Bucket, q.By, q.Process, q.Department = analytics.BucketNone, by, nil, nil
	r, err := e.ask(ctx, "throughput", q)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, s := range r.Series {
		if s.Key != "" {
			found = append(found, s.Key)
		}
	}
	slices.Sort(found)
	return found, nil
}

// quarters lists, in order, the quarters for which the filters leave some figure
// to show. Satisfaction does not count for a chosen process.
func (e enquiry) quarters(ctx context.Context) ([]quarter, error) {
	q := e.query(1)
	q.From, q.To = e.fiscal.start(e.first), e.fiscal.end(e.last)
	found := map[quarter]bool{}
	metrics := []string{"throughput"}
	if e.filters.Process == "" {
		metrics = append(metrics, "satisfaction")
	}
	for _, metric := range metrics {
		r, err := e.ask(ctx, metric, q)
		if err != nil {
			return nil, err
		}
		for _, s := range r.Series {
			for _, p := range s.Points {
				if q, ok := parseQuarter(p.Period); ok {
					found[q] = true
				}
			}
		}
	}
	list := make([]quarter, 0, len(found))
	for q := range found {
		list = append(list, q)
	}
	slices.SortFunc(list, func(a, b quarter) int { return a.minus(b) })
	return list, nil
}

// usual picks the quarter that a page opens with: the newest complete one of
// those with data, or the newest when none is complete yet.
func (f fiscal) usual(withData []quarter, now time.Time) quarter {
	for _, q := range slices.Backward(withData) {
		if !f.end(q).After(now) {
			return q
		}
	}
	return withData[len(withData)-1]
}

// nearest picks the quarter with data that lies closest to q, the later one of two.
func nearest(withData []quarter, q quarter) quarter {
	best := withData[0]
	for _, candidate := range withData[1:] {
		if abs(candidate.minus(q)) <= abs(best.minus(q)) {
			best = candidate
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }
