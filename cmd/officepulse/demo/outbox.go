package demo

import (
	"cmp"
	"slices"
	"time"

	"example.com/officepulse/ingest/event"
)

// parcel is an event waiting to be sent: a step of a case, or an event that is
// already made.
type parcel struct {
	send   int64  // milliseconds since 1970
	rank   uint64 // order of planning; decides between equal times
	matter *matter
	step   int
	ready  *event.Event
}

// outbox holds what is yet to be sent, by day. A day is sorted when it is sent:
// cheaper than a queue kept in order, since most cases take only days.
type outbox struct {
	from  time.Time
	days  [][]parcel // by days of 24 hours since from
	sent  int        // days
	rank  uint64
	batch []parcel // of the case being posted; kept for its memory
}

func newOutbox(from time.Time) *outbox { return &outbox{from: from} }

func (o *outbox) put(p parcel) {
	day := int((p.send - o.from.UnixMilli()) / (24 * time.Hour).Milliseconds())
	for len(o.days) <= day {
		o.days = append(o.days, nil)
	}
	o.days[day] = append(o.days[day], p)
}

// send yields what is due before an instant. Nothing may be put before it any more.
func (o *outbox) send(before time.Time, yield func(event.Event) error) error {
	for ; o.sent < len(o.days) && !o.from.Add(time.Duration(o.sent+1)*24*time.Hour).After(before); o.sent++ {
		day := o.days[o.sent]
		o.days[o.sent] = nil
		slices.SortFunc(day, func(a, b parcel) int {
			return cmp.Or(cmp.Compare(a.send, b.send), cmp.Compare(a.rank, b.rank))
		})
		for i := range day {
			if err := yield(day[i].event()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *parcel) event() event.Event {
	if p.ready != nil {
		return *p.ready
	}
	return p.matter.event(p.step)
}

// postCase sends the steps of a case.
func (t *tale) postCase(m *matter) {
	batch := t.outbox.batch[:0]
	for i := range m.steps {
		batch = append(batch, parcel{send: m.steps[i].at, matter: m, step: i})
	}
	t.facts.Tasks += int64(len(batch))
	t.post(batch)
}

// postEvents sends events of one fault or one answer. Those that happen after
// the end are not told.
func (t *tale) postEvents(events ...event.Event) int64 {
	batch := t.outbox.batch[:0]
	for i := range events {
		if events[i].Time.Before(t.end) {
			batch = append(batch, parcel{send: events[i].Time.UnixMilli(), ready: &events[i]})
		}
	}
	told := int64(len(batch))
	t.post(batch)
	return told
}

func (t *tale) post(batch []parcel) {
	batch = t.disturb(batch)
	for _, p := range batch {
		t.outbox.rank++
		p.rank = t.outbox.rank
		t.outbox.put(p)
	}
	t.facts.Sent += int64(len(batch))
	t.outbox.batch = batch
}
