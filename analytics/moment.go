package analytics

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// moment is the state of the warehouse in which questions are answered: what
// they are read from, how far that has come, and what tells it from others.
type moment struct {
	from   source
	state  string    // answers given in the same state are the same; "" when it cannot be known
	asOf   time.Time // Kafka's time of the newest event known; zero when none is
	closed string    // the state of what no new event changes: the answers of surveys
	marks  marks     // of facts: when months last changed
	built  map[span]built
	rules  string
	known  bool // asOf has been read
}

// factsWait is how long a question waits for facts that are behind the events
// before it is answered as of when they are.
const factsWait = 10 * time.Second

type momentKey struct{}

// shared is the moment of all questions asked in one context.
type shared struct {
	mu     sync.Mutex
	of     *Metrics
	moment *moment
}

// WithMoment has all questions that are asked in the context be answered in one
// state of the warehouse, that of the first question: figures of one page agree.
func WithMoment(ctx context.Context) context.Context {
	return context.WithValue(ctx, momentKey{}, &shared{})
}

// now is the moment of the context, which is made to have one.
func (m *Metrics) now(ctx context.Context) (context.Context, *moment, error) {
	s, ok := ctx.Value(momentKey{}).(*shared)
	if !ok {
		s = &shared{}
		ctx = context.WithValue(ctx, momentKey{}, s)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == m {
		return ctx, s.moment, nil
	}
	found, err := m.look(ctx)
	if err != nil {
		return ctx, nil, err
	}
	if surveys := m.surveys().fingerprint(); found.state != "" { // a wave that is closed changes figures, and no event says so
		found.state += surveys
		found.closed += surveys
	}
	if s.of == nil {
		s.of, s.moment = m, found
	}
	return ctx, found, nil
}

// look reads the state of the warehouse.
func (m *Metrics) look(ctx context.Context) (*moment, error) {
	if m.facts != nil {
		now, err := m.facts.caughtUp(ctx)
		if err != nil {
			return nil, err
		}
		if now.Rules == m.facts.rules {
			found := now.moment()
			found.rules = m.rules
			return found, nil
		}
		// The facts are being made, or go by other rules than the handbook's of now.
	}
	of := &moment{from: fromEvents}
	if err := m.conn.QueryRow(ctx, stateSQL).Scan(&of.state); err != nil {
		return nil, fmt.Errorf("read the state of the warehouse: %w", blame(ctx, err))
	}
	return of, nil
}

// caughtUp waits until the facts know what was stored when it was called, as long
// as that may take somebody who waits for an answer: nobody waits for facts that
// are made anew from very many events.
func (f *Facts) caughtUp(ctx context.Context) (factsNow, error) {
	asked := time.Now()
	now, err := f.state(ctx)
	if err != nil || (now.Rules == f.rules && now.Queued == 0) {
		return now, err
	}
	f.nudge()
	patience := time.NewTimer(factsWait)
	defer patience.Stop()
	for {
		covered, making, next := f.progress()
		if !covered.Before(asked) || (!making.IsZero() && time.Since(making) > factsWait) {
			return f.state(ctx)
		}
		select {
		case <-next:
		case <-patience.C:
			return f.state(ctx)
		case <-ctx.Done():
			return now, context.Cause(ctx)
		}
	}
}

// nudge begins a refresh, which does not end with whoever asked for it.
func (f *Facts) nudge() {
	if !f.nudged.CompareAndSwap(false, true) {
		return // the refresh that goes on, or the one behind it, looks at the queue again
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), factsPatience)
		defer cancel()
		f.working.Lock()
		defer f.working.Unlock()
		f.nudged.Store(false)
		if _, err := f.refresh(ctx); err != nil {
			f.logger.WarnContext(ctx, "case facts are behind the events", "error", err)
		}
	}()
}

// progress says what was stored when is known (covered), since when the facts are
// being made anew (making, zero if they are not), and when either changes.
func (f *Facts) progress() (covered, making time.Time, next <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.covered, f.making, f.next
}

// came says how far it has come.
func (f *Facts) came(covered, making time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if covered.After(f.covered) {
		f.covered = covered
	}
	f.making = making
	close(f.next)
	f.next = make(chan struct{})
}

// moment is the state in which the facts answer. While they are behind, an
// answer is as of what they know.
func (n factsNow) moment() *moment {
	of := &moment{from: fromFacts, asOf: n.Stored, known: true, closed: n.Answers, marks: newMarks(n.Marks), built: make(map[span]built, len(n.Builds))}
	for _, b := range n.Builds {
		of.built[span{b.Since, b.Until}] = b
	}
	if n.Queued > 0 {
		of.asOf = n.AsOf
	}
	if of.asOf.UnixMilli() == 0 {
		of.asOf = time.Time{}
	}
	of.state = fmt.Sprintf("facts|%d|%s|%d", n.Generation, n.Answers, of.asOf.UnixMilli())
	return of
}
