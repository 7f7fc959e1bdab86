package pagebench

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/dashboard"
)

// The headers by which a client of the bench says which request it is, and
// whether the events themselves, or metrics that remember, are to answer it.
const (
	numberHeader = "Pagebench-Number"
	rawHeader    = "Pagebench-Raw"
	warmHeader   = "Pagebench-Warm"
)

// clocked answers requests and measures each from the call of the pages'
// handler to its return: the figures, the page and its way into the socket. New
// metrics are made before that, for each request.
type clocked struct {
	pages       http.Handler
	served, raw func() dashboard.Metrics
	warm        dashboard.Metrics
	rawTimeout  time.Duration

	mu      sync.Mutex
	waiting map[int]chan handled
}

// handled is what became of a request at the server.
type handled struct {
	took time.Duration
	err  error // that a question to the metrics ended with, the first
}

// inquiry is who answers a request's questions.
type inquiry struct {
	metrics dashboard.Metrics
	patient context.Context //nolint:containedctx // instead of the request's, which the dashboard gives too little time for the events themselves

	mu  sync.Mutex
	err error
}

type inquiryKey struct{}

// expect says that request n comes.
func (c *clocked) expect(n int) <-chan handled {
	c.mu.Lock()
	defer c.mu.Unlock()
	done := make(chan handled, 1)
	c.waiting[n] = done
	return done
}

func (c *clocked) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i := &inquiry{metrics: c.warm}
	if r.Header.Get(warmHeader) == "" {
		i = &inquiry{metrics: c.served()}
	}
	if r.Header.Get(rawHeader) != "" {
		patient, cancel := context.WithTimeout(r.Context(), c.rawTimeout)
		defer cancel()
		i = &inquiry{metrics: c.raw(), patient: patient}
	}
	r = r.WithContext(context.WithValue(r.Context(), inquiryKey{}, i))
	began := time.Now()
	c.pages.ServeHTTP(w, r)
	took := time.Since(began)

	n, _ := strconv.Atoi(r.Header.Get(numberHeader))
	c.mu.Lock()
	defer c.mu.Unlock()
	if done, ok := c.waiting[n]; ok {
		delete(c.waiting, n)
		done <- handled{took, i.err}
	}
}

// switched hands each question to the metrics of the request that it is of.
type switched struct{}

var _ dashboard.Metrics = switched{}

// through asks one question of a request.
func through[T any](ctx context.Context, ask func(context.Context, dashboard.Metrics) (T, error)) (T, error) {
	i, _ := ctx.Value(inquiryKey{}).(*inquiry) // every request has one
	if i.patient != nil {
		ctx = i.patient
	}
	answer, err := ask(ctx, i.metrics)
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.err == nil {
		i.err = err
	}
	return answer, err
}

func (switched) Query(ctx context.Context, metric string, q analytics.Query) (*analytics.Result, error) {
	return through(ctx, func(ctx context.Context, m dashboard.Metrics) (*analytics.Result, error) {
		return m.Query(ctx, metric, q)
	})
}

func (switched) AsOf(ctx context.Context) (time.Time, error) {
	return through(ctx, func(ctx context.Context, m dashboard.Metrics) (time.Time, error) { return m.AsOf(ctx) })
}

func (switched) Span(ctx context.Context) (first, last time.Time, err error) {
	_, err = through(ctx, func(ctx context.Context, m dashboard.Metrics) (none struct{}, err error) {
		first, last, err = m.Span(ctx)
		return none, err
	})
	return first, last, err
}

func (switched) FaultProcesses(ctx context.Context) ([]string, error) {
	return through(ctx, func(ctx context.Context, m dashboard.Metrics) ([]string, error) { return m.FaultProcesses(ctx) })
}

func (switched) Cases(ctx context.Context, q analytics.CaseQuery) (*analytics.CaseList, error) {
	return through(ctx, func(ctx context.Context, m dashboard.Metrics) (*analytics.CaseList, error) { return m.Cases(ctx, q) })
}

func (switched) Case(ctx context.Context, process, caseID string) (*analytics.CaseTimeline, error) {
	return through(ctx, func(ctx context.Context, m dashboard.Metrics) (*analytics.CaseTimeline, error) {
		return m.Case(ctx, process, caseID)
	})
}

func (switched) Distribution(ctx context.Context, metric string, q analytics.Query) (*analytics.Distribution, error) {
	return through(ctx, func(ctx context.Context, m dashboard.Metrics) (*analytics.Distribution, error) {
		return m.Distribution(ctx, metric, q)
	})
}

func (switched) Matrix(ctx context.Context, metric string, rows, columns analytics.By, q analytics.Query) (*analytics.Matrix, error) {
	return through(ctx, func(ctx context.Context, m dashboard.Metrics) (*analytics.Matrix, error) {
		return m.Matrix(ctx, metric, rows, columns, q)
	})
}

func (switched) Control(ctx context.Context, metric string, q analytics.ControlQuery) (*analytics.Control, error) {
	return through(ctx, func(ctx context.Context, m dashboard.Metrics) (*analytics.Control, error) {
		return m.Control(ctx, metric, q)
	})
}

func (switched) Compare(ctx context.Context, metric string, q analytics.Query, beforeFrom, beforeTo time.Time) (*analytics.Comparison, error) {
	return through(ctx, func(ctx context.Context, m dashboard.Metrics) (*analytics.Comparison, error) {
		return m.Compare(ctx, metric, q, beforeFrom, beforeTo)
	})
}

func (switched) Moves(ctx context.Context, q analytics.Query, beforeFrom, beforeTo time.Time) (*analytics.Moves, error) {
	return through(ctx, func(ctx context.Context, m dashboard.Metrics) (*analytics.Moves, error) {
		return m.Moves(ctx, q, beforeFrom, beforeTo)
	})
}

func (switched) Ageing(ctx context.Context, q analytics.Query) (*analytics.Ageing, error) {
	return through(ctx, func(ctx context.Context, m dashboard.Metrics) (*analytics.Ageing, error) { return m.Ageing(ctx, q) })
}

func (switched) Survival(ctx context.Context, q analytics.Query) (*analytics.Survival, error) {
	return through(ctx, func(ctx context.Context, m dashboard.Metrics) (*analytics.Survival, error) { return m.Survival(ctx, q) })
}

func (switched) Registers(ctx context.Context, q analytics.Query) (*analytics.Registers, error) {
	return through(ctx, func(ctx context.Context, m dashboard.Metrics) (*analytics.Registers, error) {
		return m.Registers(ctx, q)
	})
}

func (switched) Register(ctx context.Context, register string, q analytics.Query) (*analytics.RegisterAnswer, error) {
	return through(ctx, func(ctx context.Context, m dashboard.Metrics) (*analytics.RegisterAnswer, error) {
		return m.Register(ctx, register, q)
	})
}

func (switched) Team(ctx context.Context, q analytics.Query) (*analytics.Team, error) {
	return through(ctx, func(ctx context.Context, m dashboard.Metrics) (*analytics.Team, error) { return m.Team(ctx, q) })
}
