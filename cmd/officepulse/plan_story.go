package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/change"
	"example.com/officepulse/analytics/ledger"
	"example.com/officepulse/analytics/record"
	"example.com/officepulse/analytics/target"
	"example.com/officepulse/cmd/officepulse/demo"
)

// tellPlans keeps what the story's director decided, once the events are stored.
// What is kept already stays as it is.
func (o *office) tellPlans(ctx context.Context) error {
	targets := ledger.New[target.Target](o.conn, target.Kind)
	for _, told := range demo.Targets(o.promises.Load().calendar.SecondsPerDay()) {
		if err := o.tellTarget(ctx, targets, &told); err != nil {
			return fmt.Errorf("keep target %s: %w", told.Draft.Key, err)
		}
	}
	changes := ledger.New[change.Change](o.conn, change.Kind)
	for _, told := range demo.Changes(o.promises.Load().calendar.SecondsPerDay()) {
		if _, err := changes.Find(ctx, told.Draft.Key); !errors.Is(err, record.ErrUnknown) {
			if err != nil {
				return err
			}
			continue
		}
		c, err := change.New(&told.Draft, told.By)
		if err == nil {
			err = changes.Save(ctx, c)
		}
		if err != nil {
			return fmt.Errorf("keep change %s: %w", told.Draft.Key, err)
		}
	}
	return nil
}

// tellTarget sets a target of the story, with its baseline as the events have it.
func (o *office) tellTarget(ctx context.Context, into *ledger.Ledger[target.Target, *target.Target], told *demo.Target) error {
	if _, err := into.Find(ctx, told.Draft.Key); !errors.Is(err, record.ErrUnknown) {
		return err
	}
	zone := o.promises.Load().calendar.Zone()
	b := &told.Draft.Baseline
	from, _ := time.ParseInLocation(time.DateOnly, b.From, zone)
	to, _ := time.ParseInLocation(time.DateOnly, b.To, zone)
	values, err := told.Draft.Figure.Values(ctx, o.promises.Load().metrics, from, to, analytics.BucketNone)
	if err != nil {
		return err
	}
	if len(values) == 0 { // the story was cut before
		return nil
	}
	b.Value, b.N = values[0].Value, values[0].N
	if told.Share > 0 {
		told.Draft.Goal = b.Value * told.Share
	}
	t, err := target.New(&told.Draft, told.By)
	if err == nil {
		err = into.Save(ctx, t)
	}
	for _, in := range told.CheckIns {
		if err != nil {
			return err
		}
		if t, err = t.CheckedIn(in.Comment, in.Confidence, record.By{Author: in.By, At: in.At}); err == nil {
			err = into.Save(ctx, t)
		}
	}
	return err
}
