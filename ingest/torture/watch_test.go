package torture

import (
	"context"
	"fmt"
	"sync"
	"time"

	"example.com/officepulse/ingest"
)

const (
	watchEvery = 50 * time.Millisecond
	askAtMost  = 2 * time.Second
)

// watch looks at the office all the time: how large the lag gets, how much
// memory the sinks take, how often the engine was started again, and whether a
// committed offset ever goes back.
type watch struct {
	o    *office
	stop func()

	mu        sync.Mutex
	sinks     []*sink
	enginePid int
	restarts  int              // of the engine
	committed map[string]int64 // by topic and partition
	peakLag   int64
	peakBytes int64
	wentBack  []string
}

func newWatch(o *office) *watch {
	w := &watch{o: o, enginePid: o.engine.Pid(), committed: make(map[string]int64)}
	ctx, cancel := context.WithCancel(o.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			w.look(ctx)
			select {
			case <-ctx.Done():
			case <-time.After(watchEvery):
			}
		}
	}()
	w.stop = sync.OnceFunc(func() { cancel(); <-done })
	o.t.Cleanup(w.stop)
	return w
}

func (w *watch) add(s *sink) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sinks = append(w.sinks, s)
}

func (w *watch) look(ctx context.Context) {
	w.mu.Lock()
	for _, s := range w.sinks {
		if s.alive() {
			w.peakBytes = max(w.peakBytes, peakMemory(s.cmd.Process.Pid))
		}
	}
	w.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, askAtMost)
	defer cancel()
	if pid := w.o.engine.Pid(); pid != w.enginePid && pid != 0 && w.o.keepCopies(ctx) == nil {
		w.enginePid = pid
		w.restarts++
	}
	lags, err := w.o.lags(ctx)
	if err != nil {
		return // the broker may be away
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	var sum int64
	for _, l := range lags {
		sum += l.Lag
		place := fmt.Sprintf("%s/%d", l.Topic, l.Partition)
		if before := w.committed[place]; max(0, l.Committed) < before {
			w.wentBack = append(w.wentBack, fmt.Sprintf("%s from %d to %d", place, before, l.Committed))
		}
		w.committed[place] = max(0, l.Committed)
	}
	w.peakLag = max(w.peakLag, sum)
}

func (o *office) lags(ctx context.Context) ([]ingest.PartitionLag, error) {
	return ingest.Lag(ctx, []string{o.broker.addr()}, ingest.DefaultSinkConfig().Group)
}

// lag is the number of messages, letters included, that are not dealt with.
func (o *office) lag() (int64, error) {
	ctx, cancel := context.WithTimeout(o.t.Context(), askAtMost)
	defer cancel()
	lags, err := o.lags(ctx)
	var sum int64
	for _, l := range lags {
		sum += l.Lag
	}
	return sum, err
}
