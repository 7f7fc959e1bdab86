package ingest_test

import (
	"testing"

	"github.com/segmentio/kafka-go"

	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/delivery"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/warehouse"
)

// audit waits until every letter is filed and returns the sums.
func (o *office) audit() *delivery.Audit {
	o.t.Helper()
	o.waitStored()
	auditor := ingest.NewAuditor(o.brokers, warehouse.NewWriter(o.conn))
	var a *delivery.Audit
	o.until("the dead letters are filed", func() bool {
		var err error
		if a, err = auditor.Audit(o.t.Context()); err != nil {
			o.t.Fatal(err)
		}
		return a.Settled()
	})
	return a
}

func TestAuditAccountsForEveryMessage(t *testing.T) {
	o := newOffice(t)
	o.sink(warehouse.NewWriter(o.conn))
	var all []ingest.Message
	for i := range 300 {
		all = append(all, task(t, i))
	}
	o.publish(all...)
	o.publish(all[:20]...) // sent again
	o.publish(ingest.Message{Type: event.TypeTask, Key: "a", Value: []byte("no json")}, ingest.Message{Type: event.TypeFault, Key: "a", Value: []byte("{}")})
	a := o.audit()
	lag, stored, deadLettered, missing, duplicated := a.Sums()
	if lag != 0 || stored != 320 || deadLettered != 2 || missing != 0 || duplicated != 0 || a.ReusedIDs != 0 {
		t.Errorf("lag %d, stored %d, put aside %d, missing %d, duplicated %d, reused %d; want 0, 320, 2, 0, 0, 0", lag, stored, deadLettered, missing, duplicated, a.ReusedIDs)
	}
	var resent uint64
	for _, p := range a.Partitions {
		resent += p.Resent
	}
	if resent != 20 {
		t.Errorf("%d sent again, want 20", resent)
	}
	// What is taken out of the store behind its back is missing, and said so.
	if err := o.conn.Exec(t.Context(), "ALTER TABLE log_coverage DELETE WHERE topic LIKE '%task%' SETTINGS mutations_sync = 2"); err != nil {
		t.Fatal(err)
	}
	if _, _, _, missing, _ := o.audit().Sums(); missing == 0 {
		t.Error("nothing is missing although the coverage was deleted")
	}
}

func TestLettersAreFiled(t *testing.T) {
	o := newOffice(t)
	o.sink(warehouse.NewWriter(o.conn))
	w := &kafka.Writer{Addr: kafka.TCP(o.brokers...), RequiredAcks: kafka.RequireAll}
	defer func() { _ = w.Close() }()
	big := make([]byte, event.MaxBytes+1)
	misplaced := task(t, 1)
	err := w.WriteMessages(t.Context(),
		kafka.Message{Topic: string(event.TypeTask), Key: []byte("k"), Value: []byte("\xff\x00"), Headers: []kafka.Header{{Key: "officepulse-reason", Value: []byte("forged")}, {Key: "h", Value: []byte("v")}}},
		kafka.Message{Topic: string(event.TypeTask), Value: []byte(`{"specversion":"1.0","id":"x","source":"/s","type":"officepulse.task.v1","time":"2026-09-30T12:00:00Z","data":{"process":"seal","case_id":"c","stage":"s","action":"submit","department":""}}`)},
		kafka.Message{Topic: string(event.TypeFault), Value: misplaced.Value},
		kafka.Message{Topic: string(event.TypeTask), Value: big},
		kafka.Message{Topic: ingest.DeadLetterTopic, Value: []byte("from elsewhere")},
	)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, deadLettered, missing, _ := o.audit().Sums(); deadLettered != 4 || missing != 0 {
		t.Errorf("%d put aside, %d missing; want 4 and 0", deadLettered, missing)
	}
	letters, err := warehouse.NewWriter(o.conn).Letters(t.Context(), delivery.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	byKind := make(map[delivery.Kind]delivery.Filed)
	for _, l := range letters {
		byKind[l.Kind] = l
	}
	for _, kind := range []delivery.Kind{delivery.Malformed, delivery.Invalid, delivery.Misplaced, delivery.Oversize, delivery.Unknown} {
		if _, ok := byKind[kind]; !ok {
			t.Errorf("no letter of kind %s among %d", kind, len(letters))
		}
	}
	// A message may carry headers named like the sink's own.
	l := byKind[delivery.Malformed]
	if l.Value != "\xff\x00" || l.Reason == "forged" || len(l.Headers) != 2 || l.Headers[0] != (delivery.Header{Name: "officepulse-reason", Value: "forged"}) {
		t.Errorf("got %+v, want the message's own bytes and headers", l.Letter)
	}
}
