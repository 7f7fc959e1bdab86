package ingest_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/delivery"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/gateway"
	"example.com/officepulse/ingest/warehouse"
)

// desk returns a desk over the real warehouse and the real front door.
func (o *office) desk() *ingest.Desk {
	o.t.Helper()
	p := ingest.NewPublisher(o.brokers, slog.New(slog.DiscardHandler))
	o.t.Cleanup(func() { _ = p.Close() })
	door := gateway.New(gateway.DefaultConfig(), p, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
	return ingest.NewDesk(warehouse.NewWriter(o.conn), door)
}

func (o *office) onlyLetter() delivery.Filed {
	o.t.Helper()
	o.audit() // waits until it is filed
	letters, err := warehouse.NewWriter(o.conn).Letters(o.t.Context(), delivery.Filter{})
	if err != nil || len(letters) != 1 {
		o.t.Fatalf("%d letters, %v; want one", len(letters), err)
	}
	return letters[0]
}

// A letter is mended and replayed: its event counts once, however often it is
// replayed, and every deed is in its history.
func TestLetterIsMendedAndReplayed(t *testing.T) {
	o := newOffice(t)
	o.sink(warehouse.NewWriter(o.conn))
	good := task(t, 7)
	bad := strings.Replace(string(good.Value), `"approve"`, `"aprove"`, 1)
	o.publish(ingest.Message{Type: good.Type, Key: good.Key, Value: []byte(bad)})
	l, desk := o.onlyLetter(), o.desk()

	if act, err := desk.Replay(t.Context(), l.ID, "ann", ""); !errors.Is(err, delivery.ErrRefused) || !strings.Contains(err.Error(), `"aprove" is not allowed`) || act.OK {
		t.Errorf("replay of a letter that is still wrong: %+v, %v", act, err)
	}
	if _, err := desk.Edit(t.Context(), l.ID, string(good.Value), "ann", "typing error"); err != nil {
		t.Fatal(err)
	}
	if act, err := desk.DryRun(t.Context(), l.ID, "ann"); err != nil || act.Outcome != "would be taken as event e7" {
		t.Errorf("dry run: %+v, %v", act, err)
	}
	if got := o.text("SELECT toString(count()) FROM task_events FINAL"); got != "0" {
		t.Errorf("%s events after the dry run, want none", got)
	}
	for range 3 {
		if act, err := desk.Replay(t.Context(), l.ID, "ann", "mended"); err != nil || !act.OK {
			t.Errorf("replay: %+v, %v", act, err)
		}
	}
	o.waitStored()
	if got := o.text("SELECT toString((count(), any(event_id))) FROM task_events FINAL"); got != "(1,'e7')" {
		t.Errorf("stored %s, want e7 once", got)
	}
	if got := o.text("SELECT toString(count()) FROM task_events"); got != "1" {
		t.Errorf("sent %s times, want once", got)
	}
	now, err := desk.Letter(t.Context(), l.ID)
	if err != nil {
		t.Fatal(err)
	}
	var deeds []string
	for _, a := range now.Acts {
		deeds = append(deeds, string(a.Deed))
	}
	if now.State != delivery.Replayed || strings.Join(deeds, " ") != "replay edit dry_run replay replay replay" || now.Value != bad {
		t.Errorf("state %s, history %v, own bytes kept %v", now.State, deeds, now.Value == bad)
	}
}

func TestDiscardNeedsAReason(t *testing.T) {
	o := newOffice(t)
	o.sink(warehouse.NewWriter(o.conn))
	o.publish(ingest.Message{Type: event.TypeTask, Key: "a", Value: []byte("{}")})
	l, desk := o.onlyLetter(), o.desk()
	if _, err := desk.Discard(t.Context(), l.ID, "ann", " "); !errors.Is(err, delivery.ErrRefused) {
		t.Errorf("without a reason: %v", err)
	}
	if _, err := desk.Discard(t.Context(), l.ID, "ann", "a test of the ERP"); err != nil {
		t.Error(err)
	}
	if now, err := desk.Letter(t.Context(), l.ID); err != nil || now.State != delivery.Discarded {
		t.Errorf("state %s, %v", now.State, err)
	}
	if _, err := desk.Discard(t.Context(), "none", "ann", "x"); !errors.Is(err, delivery.ErrNoLetter) {
		t.Errorf("a letter that is not there: %v", err)
	}
}

// A message in binary mode has no text of its own: the desk makes one.
func TestDeskReadsBinaryMode(t *testing.T) {
	desk := ingest.NewDesk(nil, nil)
	headers := []delivery.Header{
		{Name: "ce_specversion", Value: "1.0"},
		{Name: "ce_id", Value: "b1"},
		{Name: "ce_source", Value: "/erp"},
		{Name: "ce_type", Value: "officepulse.fault.v1"},
		{Name: "ce_time", Value: "2026-09-30T12:00:00Z"},
	}
	l := delivery.Filed{Letter: delivery.Letter{Kind: delivery.Misplaced, Headers: headers, Value: `{"fault_id":"f","process":"seal","kind":"late","severity":"minor","status":"reported","department":"sales"}`}}
	l.Size = int64(len(l.Value))
	text, err := desk.Text(&l)
	if e, decodeErr := event.Decode([]byte(text)); err != nil || decodeErr != nil || e.ID != "b1" || e.Fault == nil {
		t.Errorf("text %q: %v, %v", text, err, decodeErr)
	}
	for _, bad := range []delivery.Letter{
		{Kind: delivery.Unreadable, Value: "x", Size: 1},
		{Kind: delivery.Oversize, Value: "x", Size: 9},
		{Kind: delivery.Malformed, Headers: headers[:2], Value: "x", Size: 1},
	} {
		if _, err := desk.Text(&delivery.Filed{Letter: bad}); !errors.Is(err, delivery.ErrRefused) {
			t.Errorf("%s: got %v, want a refusal that says what to do", bad.Kind, err)
		}
	}
}

// More than the sink may hold in hand is stored in smaller batches, never
// dropped.
func TestSinkHoldsLittleInHand(t *testing.T) {
	o := newOfficeWith(t, 1)
	var all []ingest.Message
	for i := range 200 {
		all = append(all, task(t, i))
	}
	o.publish(all...)
	config := ingest.DefaultSinkConfig()
	config.InHand = 10 * int64(len(all[0].Value))
	store := &counting{Store: warehouse.NewWriter(o.conn)}
	o.sinkWith(config, store)
	if _, stored, _, missing, _ := o.audit().Sums(); stored != 200 || missing != 0 {
		t.Errorf("stored %d, missing %d; want 200 and 0", stored, missing)
	}
	if n := store.inserts.Load(); n < 15 {
		t.Errorf("%d inserts of at most ten or so events, want 15 or more", n)
	}
}

// What waits for a person says so while it waits, and goes on by itself.
func TestSinkSaysWhatItWaitsFor(t *testing.T) {
	o := newOfficeWith(t, 1)
	if err := o.conn.Exec(t.Context(), "RENAME TABLE task_events TO elsewhere"); err != nil {
		t.Fatal(err)
	}
	o.publish(task(t, 1))
	o.sink(warehouse.NewWriter(o.conn))
	o.until("the missing table is said", func() bool {
		for _, one := range o.newest.Troubles() {
			if one.Blocked && one.Step == "insert" && strings.Contains(one.Reason, "task_events") {
				return true
			}
		}
		return false
	})
	if err := o.conn.Exec(t.Context(), "RENAME TABLE elsewhere TO task_events"); err != nil {
		t.Fatal(err)
	}
	o.waitStored()
	if got := o.newest.Troubles(); len(got) != 0 {
		t.Errorf("still in trouble: %+v", got)
	}
	if got := o.text("SELECT toString(count()) FROM task_events"); got != "1" {
		t.Errorf("%s events stored, want 1", got)
	}
}
