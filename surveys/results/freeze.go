package results

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"example.com/officepulse/surveys/wave"
)

// lookEvery is how often closed waves are looked after.
const lookEvery = 2 * time.Second

// Run decides which answers count as soon as a wave is closed and all of them are
// stored, whether somebody asks for its results or not, until ctx ends.
func (r *Results) Run(ctx context.Context, logger *slog.Logger) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		for _, w := range r.Answered() {
			if r.Ready(w.Key) {
				continue
			}
			err := r.freeze(ctx, w)
			switch {
			case err == nil || ctx.Err() != nil:
			case errors.Is(err, ErrNotReady):
				logger.InfoContext(ctx, "the results of a wave have to wait", "wave", w.Key, "error", err)
			default:
				logger.WarnContext(ctx, "not decided which answers to a wave count; trying again", "wave", w.Key, "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Recall reads of which waves it has been decided before.
func (r *Results) Recall(ctx context.Context) error {
	var keys []string
	if err := r.conn.QueryRow(ctx, "SELECT groupUniqArray(toString(wave)) FROM survey_counted WHERE event_id = ''").Scan(&keys); err != nil {
		return fmt.Errorf("read of which waves the answers are counted: %w", err)
	}
	for _, key := range keys {
		r.frozen.Store(key, true)
	}
	return nil
}

// Ready reports whether it has been decided which answers to a wave count: nothing
// of it is shown anywhere before.
func (r *Results) Ready(key string) bool {
	_, ok := r.frozen.Load(key)
	return ok
}

// freeze decides once which answers count: those that are stored when the wave is
// closed and the log holds none that are not. The error matches [ErrNotReady]
// while it does, with a [BehindError].
func (r *Results) freeze(ctx context.Context, w *wave.Wave) error {
	if r.Ready(w.Key) {
		return nil
	}
	const ask = "SELECT count() FROM survey_counted WHERE wave = {wave:String} AND event_id = ''"
	var done uint64
	if err := r.conn.QueryRow(ctx, ask, clickhouse.Named("wave", w.Key)).Scan(&done); err != nil {
		return fmt.Errorf("read which answers of wave %s count: %w", w.Key, err)
	}
	if done == 0 {
		if err := r.count(ctx, w); err != nil {
			return err
		}
	}
	r.frozen.Store(w.Key, true)
	return nil
}

func (r *Results) count(ctx context.Context, w *wave.Wave) error {
	if err := r.arrived(ctx, w); err != nil {
		return err
	}
	// One part, so that the database does not remember either which answers came together.
	if err := r.conn.Exec(ctx, "OPTIMIZE TABLE answer_events FINAL"); err != nil {
		return fmt.Errorf("merge the answers of wave %s: %w", w.Key, err)
	}
	// The token: of several who decide at once, one does.
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"max_threads": 1, "async_insert": 0, "insert_deduplicate": 1, "insert_deduplication_token": "counted " + w.Key,
	}))
	if err := r.conn.Exec(ctx, freezeSQL, clickhouse.Named("wave", w.Key), clickhouse.Named("questionnaire", w.Questionnaire.ID())); err != nil {
		return fmt.Errorf("keep which answers of wave %s count: %w", w.Key, err)
	}
	return nil
}

// arrived returns nil when no answer to a closed wave is on its way any more.
func (r *Results) arrived(ctx context.Context, w *wave.Wave) error {
	closed, err := r.closedAt(ctx, w)
	if err != nil {
		return err
	}
	if left := closed.Add(r.log.Settle).Sub(r.now()); left > 0 {
		return fmt.Errorf("%w: other processes may be taking the last answers to %s; look again in %v", ErrNotReady, w.Key, left.Round(time.Second))
	}
	positions, err := r.log.Positions(ctx)
	if err != nil {
		return &BehindError{Err: err}
	}
	if waiting := r.waiting(w.Key, positions); waiting > 0 {
		return &BehindError{Waiting: waiting}
	}
	return nil
}

// waiting is how many answers of before the closing are not stored. Where the log
// ended then is remembered: answers to other waves may go on coming.
func (r *Results) waiting(key string, positions []Position) (n int64) {
	r.closing.Lock()
	defer r.closing.Unlock()
	ends, ok := r.ends[key]
	if !ok {
		ends = make(map[int]int64)
		for _, p := range positions {
			ends[p.Partition] = p.End
		}
		r.ends[key] = ends
	}
	for _, p := range positions {
		n += max(0, ends[p.Partition]-p.Stored)
	}
	return n
}

// closedAt is when the wave was closed.
func (r *Results) closedAt(ctx context.Context, w *wave.Wave) (time.Time, error) {
	history, err := r.waves.History(ctx, w.Key)
	if err != nil {
		return time.Time{}, err
	}
	for _, one := range history {
		if one.Change.Deed == wave.Close {
			return one.Change.At, nil
		}
	}
	return time.Time{}, errors.New("wave " + w.Key + " was never closed")
}
