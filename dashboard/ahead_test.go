package dashboard

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/officepulse/analytics"
)

// countingFake is the story with a count of the questions.
type countingFake struct {
	fake

	mu    *sync.Mutex
	asked map[string]int // by process
}

func (c countingFake) Query(ctx context.Context, metric string, q analytics.Query) (*analytics.Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range append(q.Process, "") {
		c.asked[p]++
		break
	}
	return c.fake.Query(ctx, metric, q)
}

// settling says what figures rest on: the newest change up to an instant.
type settling struct {
	changes map[time.Time]string
	busy    bool
}

func (s *settling) Settled(_ context.Context, until time.Time) (string, bool, error) {
	changes := []string{"as it was"}
	for at, change := range s.changes {
		if at.Before(until) {
			changes = append(changes, change)
		}
	}
	slices.Sort(changes)
	return strings.Join(changes, ", "), !s.busy, nil
}

// Pages are asked for once, until something in their quarter or before it changes.
func TestAhead(t *testing.T) {
	metrics := countingFake{fake{quarters: 8}, new(sync.Mutex), make(map[string]int)}
	settled := &settling{changes: map[time.Time]string{}}
	ahead, err := NewAhead(withDefaults(Dependencies{Metrics: metrics}), settled, 3)
	if err != nil {
		t.Fatal(err)
	}
	all := func() (pages int) {
		t.Helper()
		for ahead.Next(t.Context()) {
			if pages++; pages > 1000 {
				t.Fatal("it asks again and again")
			}
			for page := range ahead.resting { // this test does not wait for what is left alone
				delete(ahead.resting, page)
			}
		}
		return pages
	}
	settled.busy = true
	if n := all(); n != 0 {
		t.Errorf("%d pages were asked for while figures changed", n)
	}
	settled.busy = false
	keys := ahead.processes(t.Context(), quarter{2026, 3})
	newest := len(ahead.pagesOf(t.Context(), quarter{2026, 3}))
	three := newest + len(ahead.pagesOf(t.Context(), quarter{2026, 2})) + len(ahead.pagesOf(t.Context(), quarter{2026, 1}))
	if n := all(); n != three || len(keys) == 0 {
		t.Errorf("%d pages, want %d of 3 quarters and %v", n, three, keys)
	}
	if metrics.asked[""] == 0 || metrics.asked[keys[0]] == 0 {
		t.Errorf("asked: %v", metrics.asked)
	}
	fiscal := ahead.server.fiscal
	settled.changes[fiscal.start(quarter{2026, 3})] = "late event"
	if n := all(); n != newest {
		t.Errorf("%d pages after a change of the newest quarter, want %d", n, newest)
	}
	settled.changes[fiscal.start(quarter{2024, 4})] = "very late event"
	if n := all(); n != three {
		t.Errorf("%d pages after a change of the oldest quarter, want %d", n, three)
	}
	settled.changes[fiscal.start(quarter{2026, 2})] = "again"
	for page := range ahead.asked {
		ahead.resting[page] = time.Now().Add(time.Hour)
	}
	if ahead.Next(t.Context()) {
		t.Error("pages that took long are not left alone")
	}
}
