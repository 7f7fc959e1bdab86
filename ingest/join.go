package ingest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

var errNoPartitions = errors.New("the group gives out no partitions")

// joinWatch ends a context when a consumer group has given out no generation
// for too long: its client is known to wait for ever after some broker
// restarts (kafka-go issues 387, 955, 1046), and a new one gets through.
type joinWatch struct {
	ctx    context.Context //nolint:containedctx // it is what this type is about
	cancel context.CancelCauseFunc
	limit  time.Duration

	mu    sync.Mutex
	timer *time.Timer
}

func newJoinWatch(ctx context.Context, limit time.Duration) *joinWatch {
	w := &joinWatch{limit: limit}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	w.timer = time.AfterFunc(limit, func() { w.cancel(fmt.Errorf("%w for %v", errNoPartitions, limit)) })
	return w
}

// during holds the clock while a generation lasts.
func (w *joinWatch) during(gctx context.Context) {
	w.mu.Lock()
	w.timer.Stop()
	w.mu.Unlock()
	<-gctx.Done()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer.Reset(w.limit)
}

func (w *joinWatch) stop() {
	w.cancel(nil)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer.Stop()
}
