package analytics

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

//go:embed state.sql
var stateSQL string

// What is kept at most: answers, and what stands in them. A point, a row or a cell
// takes some 200 bytes.
const (
	maxAnswers = 50_000
	maxWeight  = 1_000_000
)

// cache keeps answers for as long as they hold, and lets the same question, asked
// by several at once, be computed once. It asks the warehouse for its state
// before every answer, so an answer is never older than that. Where the state
// cannot be known, nothing is kept.
type cache struct {
	flight singleflight.Group

	mu      sync.Mutex
	answers map[string]kept
	weight  int // of all of them
}

// kept is an answer and the moment that it was computed in.
type kept struct {
	answer  any
	then    *moment
	periods []period
	weight  int
}

// period is what an answer depends on. The zero value is everything.
type period struct {
	from, until time.Time // no event after until counts
	now         bool      // what is open becomes late as time passes
	surveys     bool      // it is about the answers of surveys only
}

// periodOf is what a metric's answer to a question depends on.
func periodOf(name string, q Query) period {
	return period{from: q.From, until: q.To, now: metrics[name].promised, surveys: name == "satisfaction"}
}

// holds reports whether the answer is what would be computed now.
func (k kept) holds(now *moment) bool {
	if k.then.state == now.state {
		return true
	}
	if k.then.from != fromFacts || now.from != fromFacts {
		return false
	}
	for _, p := range k.periods {
		if !p.same(k.then, now) {
			return false
		}
	}
	return true
}

// same reports whether nothing of the period has changed between two moments.
func (p period) same(then, now *moment) bool {
	switch {
	case p.surveys:
		return then.closed == now.closed
	case p.until.IsZero() || p.until.After(then.asOf) || p.until.After(now.asOf):
		return false
	case p.now && !now.decided(p, then.asOf):
		return false
	default:
		return then.marks.until(p.until) == now.marks.until(p.until)
	}
}

// decided reports whether it is known that all limits of a period had been kept or
// broken by then, so that no time that passed since changes what became of them.
func (n *moment) decided(p period, then time.Time) bool {
	b, ok := n.built[span{p.from.UnixMilli(), p.until.UnixMilli()}]
	return ok && !b.Undecided && b.Rules == n.rules && b.Mark == n.marks.until(p.until) && b.Until <= b.AsOf && b.AsOf <= then.UnixMilli()
}

// remember returns what compute returned for key when the warehouse was in its
// present state, or computes it. Answers are shared: read only.
func remember[T any](ctx context.Context, m *Metrics, key string, compute func(context.Context) (T, error)) (T, error) {
	return rememberOf(ctx, m, key, []period{{}}, compute)
}

// rememberOf is remember for an answer that holds as long as nothing of what it
// depends on changes. It is as of now all the same.
func rememberOf[T any](ctx context.Context, m *Metrics, key string, of []period, compute func(context.Context) (T, error)) (T, error) {
	var none T
	ctx, now, err := m.now(ctx)
	if err != nil {
		return none, err
	}
	if now.state == "" {
		answer, err := compute(ctx)
		return answer, blame(ctx, err)
	}
	if known, ok := m.cache.find(now, key); ok {
		if answer, ok := known.answer.(T); ok {
			return asOf(answer, known.then, now), nil
		}
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
	m.cache.keep(key, kept{answer: found, then: now, periods: of})
	answer, _ := found.(T)
	return answer, nil
}

// asOf is an answer of another moment as one of now: a copy that says so where it
// says how far the warehouse has come.
func asOf[T any](answer T, then, now *moment) T {
	v := reflect.ValueOf(answer)
	if then.asOf.Equal(now.asOf) || v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return answer
	}
	renewed := reflect.New(v.Type().Elem())
	renewed.Elem().Set(v.Elem())
	field := renewed.Elem().FieldByName("AsOf")
	if !field.IsValid() || field.Type() != reflect.TypeFor[time.Time]() {
		return answer
	}
	field.Set(reflect.ValueOf(now.asOf))
	same, _ := reflect.TypeAssert[T](renewed)
	return same
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

func (c *cache) find(now *moment, key string) (kept, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.answers[key]
	return k, ok && k.holds(now)
}

func (c *cache) keep(key string, k kept) {
	k.weight = weigh(k.answer)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.answers == nil {
		c.answers = make(map[string]kept)
	}
	c.weight -= c.answers[key].weight
	delete(c.answers, key)
	for other, o := range c.answers { // any of them: what is asked again is soon computed again
		if len(c.answers) < maxAnswers && c.weight+k.weight <= maxWeight {
			break
		}
		c.weight -= o.weight
		delete(c.answers, other)
	}
	c.answers[key] = k
	c.weight += k.weight
}

// full reports whether answers will soon be forgotten for others.
func (c *cache) full() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.answers) > maxAnswers*3/4 || c.weight > maxWeight*3/4
}

// weigh counts what stands in an answer.
func weigh(answer any) int {
	const header = 5
	weight := header
	switch a := answer.(type) {
	case *Result:
		for _, s := range a.Series {
			weight += 1 + len(s.Points)
		}
		if rows := reflect.ValueOf(a.Rows); rows.Kind() == reflect.Slice {
			weight += rows.Len()
		}
	case *Matrix:
		weight += len(a.Cells)
	case *Moves:
		weight += len(a.Moves)
	case *Comparison, *Distribution, *CaseList, *CaseTimeline:
		weight += 50 // about
	}
	return weight
}
