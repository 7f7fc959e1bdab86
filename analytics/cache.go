package analytics

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

//go:embed state.sql
var stateSQL string

// maxCached is how many answers are kept at most.
const maxCached = 1000

// cache keeps answers for as long as nothing is stored, and lets the same
// question, asked by several at once, be computed once. It asks the warehouse
// for its state before every answer, so an answer is never older than that.
// Where the state cannot be known, nothing is kept.
type cache struct {
	flight singleflight.Group

	mu      sync.Mutex
	state   string
	answers map[string]any
}

// remember returns what compute returned for key when the warehouse was in its
// present state, or computes it. Answers are shared: read only.
func remember[T any](ctx context.Context, m *Metrics, key string, compute func(context.Context) (T, error)) (T, error) {
	var none T
	ctx, now, err := m.now(ctx)
	if err != nil {
		return none, err
	}
	if now.state == "" {
		answer, err := compute(ctx)
		return answer, blame(ctx, err)
	}
	now.state += m.surveys().fingerprint() // a wave that is closed changes figures, and no event says so
	if known, ok := m.cache.find(now.state, key).(T); ok {
		return known, nil
	}
	// Whoever asks first computes for all; when it gives up, the others try themselves.
	found, err, shared := m.cache.flight.Do(now.state+key, func() (any, error) {
		answer, err := compute(ctx)
		return answer, blame(ctx, err)
	})
	if shared && gaveUp(err) && ctx.Err() == nil {
		found, err = compute(ctx)
		err = blame(ctx, err)
	}
	if err != nil {
		return none, err
	}
	m.cache.keep(now.state, key, found)
	answer, _ := found.(T)
	return answer, nil
}

// gaveUp reports whether an error is about the asker's patience and not about
// the question, which others may then ask again.
func gaveUp(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// blame says that ctx was over when that is why something failed. The driver
// hands the deadline on to its socket, whose timer may go off first: it then
// speaks of an i/o timeout while ctx does not know yet.
func blame(ctx context.Context, err error) error {
	cause := ctx.Err()
	if deadline, ok := ctx.Deadline(); ok && cause == nil && !time.Now().Before(deadline) {
		cause = context.DeadlineExceeded
	}
	if err == nil || cause == nil || errors.Is(err, cause) {
		return err
	}
	return fmt.Errorf("%w: %w", cause, err)
}

func (c *cache) find(state, key string) any {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != state {
		return nil
	}
	return c.answers[key]
}

func (c *cache) keep(state, key string, answer any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != state || len(c.answers) >= maxCached {
		c.state, c.answers = state, make(map[string]any)
	}
	c.answers[key] = answer
}
