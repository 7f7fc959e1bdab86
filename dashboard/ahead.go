package dashboard

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics"
)

// Ahead asks for the pages that people open most before somebody does, so that the
// metrics remember what stands on them.
type Ahead struct {
	server   *server
	settled  Settling
	quarters int
	pages    http.Handler
	asked    map[string]string    // by page, what its figures rested on
	resting  map[string]time.Time // by page, until when it is left alone
}

// Settling is what Ahead needs of [analytics.Metrics] besides the figures.
type Settling interface {
	// Settled tells by a text what the figures until an instant rest on; ok is false
	// while they go on changing.
	Settled(ctx context.Context, until time.Time) (state string, ok bool, err error)
}

// NewAhead returns one that asks for the pages that [Routes] serves, about so many
// quarters.
func NewAhead(deps Dependencies, settled Settling, quarters int) (*Ahead, error) {
	s, err := newServer(deps)
	if err != nil {
		return nil, err
	}
	// A router of its own: nobody has waited for these pages, so no statistics count them.
	r := gin.New()
	pages := r.Group("/", limit) // as Routes has them
	pages.GET("/", s.overviewPage)
	pages.GET("/errors", s.errorsPage)
	pages.GET("/approvals", s.approvalsPage)
	return &Ahead{server: s, settled: settled, quarters: quarters, pages: r, asked: make(map[string]string), resting: make(map[string]time.Time)}, nil
}

// aheadRest is how many times as long as it took a page is left alone afterwards.
const aheadRest = 20

// Next asks for the next page whose figures are not what they were when it was
// asked for last: of the newest quarter first, in it about everything first, then
// about the processes. It returns false when there is none, or when there are more
// urgent things than to ask. Calls must not overlap.
func (a *Ahead) Next(ctx context.Context) bool {
	ctx = analytics.Background(analytics.WithMoment(ctx))
	first, last, err := a.server.Metrics.Span(ctx)
	if err != nil || last.IsZero() {
		return false
	}
	newest := a.server.fiscal.of(last)
	for back := range a.quarters {
		q := newest.add(-back)
		end := a.server.fiscal.end(q)
		if !end.After(first) {
			return false
		}
		state, ok, err := a.settled.Settled(ctx, end)
		if err != nil {
			return false
		}
		if !ok {
			continue
		}
		for _, page := range a.pagesOf(ctx, q) {
			if a.asked[page] != state && a.resting[page].Before(time.Now()) {
				a.ask(ctx, page, state)
				return true
			}
		}
	}
	return false
}

// ask asks for a page and throws it away.
func (a *Ahead) ask(ctx context.Context, page, state string) {
	began := time.Now()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, page, http.NoBody)
	if err == nil {
		a.pages.ServeHTTP(make(unread), r)
	}
	a.asked[page], a.resting[page] = state, time.Now().Add(aheadRest*time.Since(began))
}

// pagesOf are the pages about a quarter, those that are opened most first.
func (a *Ahead) pagesOf(ctx context.Context, q quarter) []string {
	keys := append([]string{""}, a.processes(ctx, q)...)
	pages := make([]string, 0, 5*len(keys))
	for _, process := range keys {
		for _, clock := range []analytics.Clock{analytics.ClockWorking, analytics.ClockElapsed} {
			values := filters{Quarter: q, Process: process, Clock: clock}.values()
			pages = append(pages, address("/", values), address("/approvals", values))
			if clock == analytics.ClockWorking { // errors have no clock
				pages = append(pages, address("/errors", values))
			}
		}
	}
	return pages
}

func address(path string, values url.Values) string { return path + "?" + values.Encode() }

// processes are those of which cases were completed in the quarter, those with most first.
func (a *Ahead) processes(ctx context.Context, q quarter) []string {
	r, err := a.server.Metrics.Query(ctx, "throughput", analytics.Query{
		From: a.server.fiscal.start(q), To: a.server.fiscal.end(q), Zone: a.server.zone, Bucket: analytics.BucketNone, By: analytics.ByProcess,
	})
	if err != nil {
		return nil
	}
	cases := make(map[string]uint64)
	for _, s := range r.Series {
		for i := range s.Points {
			cases[s.Key] += s.Points[i].N
		}
	}
	return slices.SortedFunc(maps.Keys(cases), func(a, b string) int { return int(cases[b]) - int(cases[a]) }) //nolint:gosec // counts of cases
}

// unread is a page that nobody reads.
type unread http.Header

func (u unread) Header() http.Header         { return http.Header(u) }
func (u unread) Write(b []byte) (int, error) { return len(b), nil }
func (u unread) WriteHeader(int)             {}
