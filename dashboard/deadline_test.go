package dashboard

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"example.com/officepulse/analytics"
)

// stuck never answers of its own accord.
type stuck struct {
	fake
	err error // what it says in the end; nil for what the context says
}

func (s stuck) Query(ctx context.Context, _ string, _ analytics.Query) (*analytics.Result, error) {
	<-ctx.Done()
	if s.err != nil {
		return nil, s.err
	}
	return nil, ctx.Err()
}

// TestRequestsEnd asks what never answers, and gets an answer nevertheless.
func TestRequestsEnd(t *testing.T) {
	for name, metrics := range map[string]Metrics{
		"the context's words": stuck{fake: fake{quarters: 8}}, "the driver's words": stuck{fake{quarters: 8}, errors.New("i/o timeout")},
	} {
		router := testRouter(t, metrics)
		for target, text := range map[string]string{
			"/?quarter=2026Q3&lang=en": "The query took too long",
			"/?lang=zh":                "查询用时过长",
			"/api/v1/metrics/lead_time?from=2026-01-01&to=2026-07-01":    "took too long",
			"/api/v1/metrics/variants?from=2026-01-01&to=2026-07-01&by=": "took too long",
		} {
			t.Run(name+target, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					began := time.Now()
					w := get(t, router, target)
					if w.Code != http.StatusGatewayTimeout || time.Since(began) != patience {
						t.Errorf("got %d after %s", w.Code, time.Since(began))
					}
					contains(t, w.Body.String(), text)
				})
			})
		}
	}
}

// Whoever leaves early is no timeout and gets nothing.
func TestClientLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		router := testRouter(t, stuck{fake: fake{quarters: 8}})
		ctx, leave := context.WithCancel(t.Context())
		leave()
		w := getIn(ctx, router, "/?quarter=2026Q3")
		if w.Body.Len() > 0 {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	})
}
