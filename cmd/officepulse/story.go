package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/cmd/officepulse/demo"
	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/event"
)

// storyFile stands in the data directory while the story is being told.
const storyFile = "demo.unfinished"

// batchEvents is how many events one request carries.
const batchEvents = 500

func demoCommand() *cobra.Command {
	var (
		preset string
		seed   uint64
		events int64
		noWait bool
		file   string
	)
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Stream two years of an office's story into a running service",
		Long: `Generate the story of an office from 2024-10-01 to 2026-09-30 and send it
through the gateway, duplicates, late events and open cases included. The same
seed gives the same events, so running it twice changes nothing.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := demo.ParsePreset(preset)
			if err != nil {
				return fmt.Errorf("--preset: %w", err)
			}
			hb, err := loadHandbook(file)
			if err != nil {
				return err
			}
			c, err := newClient(cmd.Flags())
			if err != nil {
				return err
			}
			if _, err := c.status(cmd.Context()); err != nil {
				return err
			}
			options := demo.Options{Preset: p, Seed: seed, Events: events}
			sent, err := c.tell(cmd.Context(), options, hb, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if !noWait {
				if err := c.waitStored(cmd.Context()); err != nil {
					return err
				}
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d events sent, seed %d\n", sent, options.Seed)
			return err
		},
	}
	addClientFlags(cmd.Flags())
	cmd.Flags().StringVar(&preset, "preset", "M", "size of the office: S (500 staff), M (1,500) or L (5,000)")
	cmd.Flags().Uint64Var(&seed, "seed", demo.DefaultSeed, "of the random numbers")
	cmd.Flags().Int64Var(&events, "events", 0, "about this many task events instead of the preset's, for a load test")
	cmd.Flags().BoolVar(&noWait, "no-wait", false, "do not wait until the events can be queried")
	cmd.Flags().StringVar(&file, "handbook", "", "handbook file instead of the built-in one")
	return cmd
}

// tell generates the story and sends it in batches; it returns how many events
// the gateway has taken.
func (c *client) tell(ctx context.Context, options demo.Options, hb *handbook.Handbook, messages io.Writer) (sent int64, err error) {
	bar := progress(messages, demo.Estimate(options), "demo story", false)
	defer func() { _ = bar.Finish() }()
	batch := make([]event.Event, 0, batchEvents)
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := c.send(ctx, batch); err != nil {
			return err
		}
		sent += int64(len(batch))
		_ = bar.Add(len(batch))
		batch = batch[:0]
		return nil
	}
	_, err = demo.Generate(options, hb, func(e event.Event) error {
		if batch = append(batch, e); len(batch) == batchEvents {
			return flush()
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	return sent, err
}

// tellStory streams the demo story through this very process's gateway when
// nothing has been stored yet. A failure is said, and the service goes on.
func (o *office) tellStory(ctx context.Context, messages io.Writer) error {
	c := &client{server: o.url, token: o.config.Token, http: &http.Client{Timeout: requestTimeout}}
	s, err := c.status(ctx)
	if err != nil {
		return o.untold(ctx, err)
	}
	// A story that was broken off is told again from the start: what is known already changes nothing.
	if empty, brokenOff := logEmpty(s.Partitions) && s.AsOf.IsZero(), o.exists(storyFile); len(s.Faults) > 0 || (!empty && !brokenOff) {
		return nil
	}
	if err := os.WriteFile(o.file(storyFile), []byte(o.config.Demo+"\n"), 0o600); err != nil {
		return o.untold(ctx, err)
	}
	preset, err := demo.ParsePreset(o.config.Demo)
	if err != nil {
		return o.untold(ctx, err)
	}
	sent, err := c.tell(ctx, demo.Options{Preset: preset, Seed: demo.DefaultSeed}, o.promises.Load().handbook, messages)
	if err == nil {
		err = c.waitStored(ctx)
	}
	if err == nil {
		err = o.tellWaves(ctx)
	}
	if err == nil {
		err = o.tellPlans(ctx)
	}
	if err != nil {
		return o.untold(ctx, err)
	}
	if err := os.Remove(o.file(storyFile)); err != nil {
		return o.untold(ctx, err)
	}
	_, err = fmt.Fprintf(messages, "The store was empty: it now holds the demo story, %d events. Open %s/\n", sent, o.url)
	return err
}

// logEmpty reports whether no partition has ever held an event.
func logEmpty(partitions []ingest.PartitionLag) bool {
	return !slices.ContainsFunc(partitions, func(p ingest.PartitionLag) bool { return p.End > 0 })
}

func (o *office) exists(name string) bool {
	_, err := os.Stat(o.file(name))
	return err == nil
}

func (o *office) untold(ctx context.Context, err error) error {
	if !errors.Is(err, context.Canceled) {
		o.logger.ErrorContext(ctx, "demo story not told to its end", "error", err)
	}
	return nil
}
