package dashboard

import (
	"context"

	"example.com/officepulse/ingest/delivery"
)

// Operations tells how events get from the log into the warehouse.
type Operations interface {
	// Audit compares the log with what is stored, as it is now.
	Audit(ctx context.Context) (*delivery.Audit, error)
	// Troubles lists what the sink fails at and tries again. here is false when
	// the sink runs in another process: that one alone knows.
	Troubles() (list []delivery.Trouble, here bool)
}

// Desk is where people decide on dead letters; ingest.Desk is one. Its errors
// match [delivery.ErrNoLetter], [delivery.ErrRefused] or [delivery.ErrLater]
// where the one who asked can do something about them.
type Desk interface {
	// Letters lists letters without their history, the newest first; long
	// values are cut.
	Letters(ctx context.Context, f delivery.Filter) ([]delivery.Filed, error)
	Letter(ctx context.Context, id string) (*delivery.Filed, error)
	LetterCounts(ctx context.Context) ([]delivery.Count, error)
	// Text is what a replay would send.
	Text(l *delivery.Filed) (string, error)

	Edit(ctx context.Context, id, text, actor, reason string) (delivery.Act, error)
	DryRun(ctx context.Context, id, actor string) (delivery.Act, error)
	Replay(ctx context.Context, id, actor, reason string) (delivery.Act, error)
	Discard(ctx context.Context, id, actor, reason string) (delivery.Act, error)
}
