package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/officepulse/ingest/delivery"
	"example.com/officepulse/ingest/event"
)

// Door is the front door for events; the gateway is one. Both take the text of
// one event in structured JSON mode; the error says in words for a person
// everything that is wrong with it, or that Kafka is away.
type Door interface {
	// Check takes nothing in and returns the event's id.
	Check(ctx context.Context, text []byte) (id string, err error)
	// Take returns once Kafka has the event.
	Take(ctx context.Context, text []byte) (id string, err error)
}

// Keeper keeps dead letters and what is done with them; the warehouse's
// Writer does.
type Keeper interface {
	Letters(ctx context.Context, f delivery.Filter) ([]delivery.Filed, error)
	Letter(ctx context.Context, id string) (*delivery.Filed, error)
	LetterCounts(ctx context.Context) ([]delivery.Count, error)
	Note(ctx context.Context, a delivery.Act) error
}

// Desk is where people look through dead letters and decide on them. Every
// deed is noted in the letter's history, whatever comes of it.
type Desk struct {
	Keeper

	door Door
	now  func() time.Time
}

// NewDesk returns the desk for letters; what is replayed goes through door.
func NewDesk(letters Keeper, door Door) *Desk {
	return &Desk{Keeper: letters, door: door, now: time.Now}
}

// Text is what a replay of the letter would send: its latest edit, else the
// message itself, brought from binary into structured mode. The error matches
// [delivery.ErrRefused] when there is no text of an event in it.
func (d *Desk) Text(l *delivery.Filed) (string, error) {
	for _, act := range slices.Backward(l.Acts) {
		if act.Deed == delivery.Edit && act.OK {
			return act.Text, nil
		}
	}
	return original(&l.Letter)
}

// original is the text of the event that a letter's message carries.
func original(l *delivery.Letter) (string, error) {
	switch {
	case l.Kind == delivery.Unreadable:
		return "", fmt.Errorf("%w: the letter holds %d messages packed in a way that cannot be read; ask their producer to send them again", delivery.ErrRefused, l.Last-l.Place.Offset+1)
	case l.Cut():
		return "", fmt.Errorf("%w: the letter holds %d of the message's %d bytes; edit it into a whole event, or ask its producer for it", delivery.ErrRefused, len(l.Value), l.Size)
	}
	header := func(name string) string {
		for _, h := range l.Headers {
			if h.Name == name {
				return h.Value
			}
		}
		return ""
	}
	if header("ce_specversion") == "" {
		return l.Value, nil
	}
	e, err := event.DecodeBinary(header, []byte(l.Value))
	if err != nil {
		return "", fmt.Errorf("%w: the message is in binary mode and cannot be brought into one text as it is (%w); edit it into a whole event", delivery.ErrRefused, err)
	}
	text, err := e.Encode()
	if err != nil {
		return "", fmt.Errorf("%w: %w", delivery.ErrRefused, err)
	}
	return string(text), nil
}

// Edit keeps a corrected text for the letter, whether or not it is an event
// yet; the outcome says what is still wrong with it.
func (d *Desk) Edit(ctx context.Context, id, text, actor, reason string) (delivery.Act, error) {
	return d.do(ctx, id, delivery.Edit, actor, reason, func(*delivery.Filed) (string, string, error) {
		if len(text) > event.MaxBytes {
			return "", "", fmt.Errorf("%w: an event may have %d bytes at most, this has %d", delivery.ErrRefused, event.MaxBytes, len(text))
		}
		if _, err := d.door.Check(ctx, []byte(text)); err != nil {
			return text, "kept; would not be taken yet: " + err.Error(), nil //nolint:nilerr // an edit may take several steps
		}
		return text, "kept; would be taken", nil
	})
}

// DryRun checks the letter's text as the front door would, and sends nothing.
func (d *Desk) DryRun(ctx context.Context, id, actor string) (delivery.Act, error) {
	return d.do(ctx, id, delivery.DryRun, actor, "", func(l *delivery.Filed) (string, string, error) {
		text, err := d.Text(l)
		if err != nil {
			return "", "", err
		}
		eventID, err := d.door.Check(ctx, []byte(text))
		if err != nil {
			return text, "", fmt.Errorf("%w: would not be taken: %w", delivery.ErrRefused, err)
		}
		return text, "would be taken as event " + eventID, nil
	})
}

// Replay sends the letter's text through the front door. Its event's id is
// what it is, so that a second replay changes no figure; one that went through
// is not sent again all the same.
func (d *Desk) Replay(ctx context.Context, id, actor, reason string) (delivery.Act, error) {
	return d.do(ctx, id, delivery.Replay, actor, reason, func(l *delivery.Filed) (string, string, error) {
		text, err := d.Text(l)
		if err != nil {
			return "", "", err
		}
		if l.State == delivery.Replayed && text == replayedText(l) {
			return text, "was replayed before; not sent again", nil
		}
		eventID, err := d.door.Take(ctx, []byte(text))
		if errors.Is(err, event.ErrInvalid) {
			return text, "", fmt.Errorf("%w: not taken: %w", delivery.ErrRefused, err)
		}
		if err != nil {
			return text, "", fmt.Errorf("%w: %w", delivery.ErrLater, err)
		}
		return text, "taken as event " + eventID, nil
	})
}

// replayedText is what went through the door at the latest replay.
func replayedText(l *delivery.Filed) string {
	for _, act := range slices.Backward(l.Acts) {
		if act.Deed == delivery.Replay && act.OK {
			return act.Text
		}
	}
	return ""
}

// Discard decides that a letter is not needed; it asks for the reason. The
// letter stays and can still be replayed.
func (d *Desk) Discard(ctx context.Context, id, actor, reason string) (delivery.Act, error) {
	return d.do(ctx, id, delivery.Discard, actor, reason, func(*delivery.Filed) (string, string, error) {
		if strings.TrimSpace(reason) == "" {
			return "", "", fmt.Errorf("%w: say why it is not needed", delivery.ErrRefused)
		}
		return "", "discarded", nil
	})
}

// do runs a deed and notes it with its outcome. Errors of the letters' keeper
// are returned as they are; a deed that was refused is noted, and its error
// returned with the act.
func (d *Desk) do(ctx context.Context, id string, deed delivery.Deed, actor, reason string, run func(*delivery.Filed) (text, outcome string, err error)) (delivery.Act, error) {
	act := delivery.Act{LetterID: id, Deed: deed, Actor: actor, Reason: reason}
	l, err := d.Letter(ctx, id)
	if err != nil {
		return act, err
	}
	act.Text, act.Outcome, err = run(l)
	act.OK = err == nil
	if err != nil {
		act.Outcome = err.Error()
	}
	act.At = d.now().UTC()
	// What was done is noted even when nobody waits any more.
	noting, cancel := context.WithTimeout(context.WithoutCancel(ctx), clusterTimeout)
	defer cancel()
	return act, errors.Join(err, d.Note(noting, act))
}
