package ingest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/officepulse/ingest/delivery"
	"example.com/officepulse/ingest/event"
)

const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = 10 * time.Second
)

// partitionID names a partition of a topic.
type partitionID struct {
	topic string
	id    int
}

// retry calls try until it succeeds, fails for good (see [event.ErrInvalid]),
// or ctx ends, with a growing pause between attempts. What fails meanwhile is
// shown by [Sink.Troubles].
func (p *partition) retry(ctx context.Context, step string, try func() error) error {
	s, wait := p.sink, firstRetry
	for {
		err := try()
		if err == nil || errors.Is(err, event.ErrInvalid) {
			s.trouble.clear(p.partitionID, step)
			return err
		}
		if ctx.Err() != nil {
			return err
		}
		s.metrics.retries.WithLabelValues(step).Inc()
		if first := s.trouble.note(p.partitionID, step, err); first && errors.Is(err, delivery.ErrBlocked) {
			s.logger.ErrorContext(ctx, "sink waits for somebody", "step", step, "topic", p.topic, "partition", p.id, "error", err)
		} else {
			s.logger.WarnContext(ctx, "sink tries again", "step", step, "topic", p.topic, "partition", p.id, "pause", wait, "error", err)
		}
		pause(ctx, wait)
		wait = min(2*wait, lastRetry)
	}
}

// pause waits for d or the end of ctx.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// troubles keeps what fails at the moment.
type troubles struct {
	now   func() time.Time
	gauge *prometheus.GaugeVec // by step and whether it waits for somebody

	mu  sync.Mutex
	all map[troubleID]*delivery.Trouble
}

type troubleID struct {
	partitionID
	step string
}

func newTroubles(r prometheus.Registerer, now func() time.Time) *troubles {
	t := &troubles{
		now: now, all: make(map[troubleID]*delivery.Trouble),
		gauge: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "officepulse_sink_troubles", Help: "Steps that fail at the moment and are tried again; blocked ones wait for somebody to act.",
		}, []string{"step", "blocked"}),
	}
	r.MustRegister(t.gauge)
	return t
}

// note keeps that a step failed and reports whether it is new.
func (t *troubles) note(p partitionID, step string, err error) (first bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	id := troubleID{p, step}
	known, ok := t.all[id]
	if !ok {
		known = &delivery.Trouble{Topic: p.topic, Partition: p.id, Step: step, Since: t.now().UTC()}
		t.all[id] = known
	}
	known.Attempts++
	known.Blocked, known.Reason = errors.Is(err, delivery.ErrBlocked), shorten(err.Error(), maxReason)
	t.count()
	return !ok
}

func (t *troubles) clear(p partitionID, step string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.all[troubleID{p, step}]; ok {
		delete(t.all, troubleID{p, step})
		t.count()
	}
}

// forget drops what was noted of a partition that is no longer ours.
func (t *troubles) forget(p partitionID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id := range t.all {
		if id.partitionID == p {
			delete(t.all, id)
		}
	}
	t.count()
}

func (t *troubles) count() {
	t.gauge.Reset()
	for _, one := range t.all {
		blocked := "no"
		if one.Blocked {
			blocked = "yes"
		}
		t.gauge.WithLabelValues(one.Step, blocked).Inc()
	}
}

func (t *troubles) list() []delivery.Trouble {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]delivery.Trouble, 0, len(t.all))
	for _, one := range t.all {
		all = append(all, *one)
	}
	slices.SortFunc(all, func(a, b delivery.Trouble) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Step, b.Step))
	})
	return all
}
