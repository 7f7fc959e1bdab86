package dashboard

import (
	"context"
	"errors"
	"sync"
	"time"

	"example.com/officepulse/ingest/delivery"
)

const (
	auditFresh    = 2 * time.Second  // an audit this young is shown again
	auditShare    = 20               // and one as young as this many times what it took
	auditWait     = 10 * time.Second // that a page waits for one
	auditPatience = 5 * time.Minute  // that one may take
)

// errAuditing says that the first audit takes longer than a page waits.
var errAuditing = errors.New("an audit is under way and takes long")

// audits keeps the newest audit for pages. An audit looks at every event, which
// may take a minute; so one at a time is made, whoever asks, pages are shown the
// one before where it takes long, and all of them together keep the database
// busy for a twentieth of its time at most.
type audits struct {
	ask func(context.Context) (*delivery.Audit, error)
	now func() time.Time

	mu      sync.Mutex
	last    *delivery.Audit
	err     error // of the newest attempt
	ended   time.Time
	took    time.Duration
	running chan struct{} // closed at the end of the one under way; nil when none is
}

// recent returns an audit that is about as young as it can be.
func (a *audits) recent(ctx context.Context) (*delivery.Audit, error) {
	a.mu.Lock()
	if a.running == nil && (a.ended.IsZero() || a.now().Sub(a.ended) > max(auditFresh, auditShare*a.took)) {
		a.running = make(chan struct{})
		go a.run(context.WithoutCancel(ctx), a.running) // it ends by itself, and others wait for it too
	}
	running := a.running
	a.mu.Unlock()
	if running != nil {
		timer := time.NewTimer(auditWait)
		defer timer.Stop()
		select {
		case <-running:
		case <-timer.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.err != nil:
		return nil, a.err
	case a.last == nil:
		return nil, errAuditing
	}
	return a.last, nil
}

func (a *audits) run(ctx context.Context, done chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, auditPatience)
	defer cancel()
	began := a.now()
	audit, err := a.ask(ctx)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended, a.err, a.running = a.now(), err, nil
	if a.took = 0; err == nil {
		a.last, a.took = audit, a.ended.Sub(began)
	}
	close(done)
}
