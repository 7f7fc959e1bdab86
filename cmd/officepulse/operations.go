package main

import (
	"context"

	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/delivery"
)

// operations tells the dashboard how the sink does. It is one of this process,
// or nil.
type operations struct {
	auditor *ingest.Auditor
	sink    *ingest.Sink
}

// Audit compares the log with what is stored, whoever stores.
func (o operations) Audit(ctx context.Context) (*delivery.Audit, error) { return o.auditor.Audit(ctx) }

// Troubles are those of the sink here.
func (o operations) Troubles() (list []delivery.Trouble, here bool) {
	if o.sink == nil {
		return nil, false
	}
	return o.sink.Troubles(), true
}
