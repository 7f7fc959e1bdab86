package pagebench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// generator is the version of the tale: another one fills anew.
const generator = 1

// kept says what a data directory has been filled with.
type kept struct {
	Events    uint64  `json:"events"`
	Seed      uint64  `json:"seed"`
	Generator int     `json:"generator"`
	Seconds   float64 `json:"seconds"` // that it took
}

// fill fills the warehouse, unless the directory was filled just so before.
func (b *bench) fill(ctx context.Context) error {
	want := kept{Events: b.Events, Seed: b.Seed, Generator: generator}
	path := filepath.Join(b.Data, "pages.json")
	text, err := os.ReadFile(path) //nolint:gosec // in the data directory
	switch {
	case err == nil:
		var found kept
		if err := json.Unmarshal(text, &found); err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		b.report.Fill = found.Seconds
		if found.Seconds = 0; found != want {
			return fmt.Errorf("%s holds %d events of seed %d and generator %d, not %d of %d and %d: remove it or name another directory",
				b.Data, found.Events, found.Seed, found.Generator, want.Events, want.Seed, want.Generator)
		}
		b.say("kept: %d events in %s", want.Events, b.Data)
	case errors.Is(err, fs.ErrNotExist):
		if err := b.fillAnew(ctx, want, path); err != nil {
			return err
		}
	default:
		return err
	}
	return b.Conn.QueryRow(ctx, "SELECT count(), (SELECT count() FROM fault_events), (SELECT count() FROM answer_events) FROM task_events").
		Scan(&b.report.Stored, &b.report.Faults, &b.report.Answers)
}

func (b *bench) fillAnew(ctx context.Context, want kept, path string) error {
	var before uint64
	if err := b.Conn.QueryRow(ctx, "SELECT count() FROM task_events").Scan(&before); err != nil {
		return err
	}
	if before > 0 {
		return fmt.Errorf("%s holds %d events already, of a fill that was broken off or of something else: remove it or name another directory", b.Data, before)
	}
	memory := b.memory()
	began := time.Now()
	if err := Fill(ctx, b.Conn, b.Handbook, want.Events, want.Seed, b.say); err != nil {
		return err
	}
	b.report.Fill = seconds(time.Since(began))
	if err := b.settle(ctx); err != nil {
		return err
	}
	b.report.Peaks = append(b.report.Peaks, memory.peak("filling"))
	want.Seconds = b.report.Fill
	text, err := json.Marshal(want)
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o600)
}

// settle waits until the engine has merged what was stored, as in a quiet hour.
func (b *bench) settle(ctx context.Context) error {
	const quiet = 3 // looks in a row without a merge: one begins some time after another
	looks := time.NewTicker(settleLook)
	defer looks.Stop()
	for still := 0; still < quiet; {
		var merges uint64
		if err := b.Conn.QueryRow(ctx, "SELECT count() FROM system.merges WHERE database = currentDatabase()").Scan(&merges); err != nil {
			return fmt.Errorf("look for merges: %w", err)
		}
		still++
		if merges > 0 {
			still = 0
		}
		select {
		case <-looks.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

const settleLook = 300 * time.Millisecond

func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }
