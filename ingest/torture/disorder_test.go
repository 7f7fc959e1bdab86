package torture

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/event"
)

// disorder sends the same events twice into two offices. The first has them
// once and in order. To the second come producers and sinks whose clocks are
// off by an hour, some by a quarter; two in a hundred events come twice; and
// none comes in its place. The figures have to be the same.
func disorder(t *trial) {
	ordered := inOrder(story(t.T, usualRate*lastingSeconds(30, 6)))
	clean := newOffice(&trial{T: t.T}, equipment{events: ordered})
	clean.startSink(nil)
	clean.sender.sendRest()
	clean.waitDealtWith()
	clean.judge(expectation{noCopies: true})

	o := newOffice(t, equipment{events: ordered})
	o.keepProducersTime()
	for _, off := range []time.Duration{time.Hour, -time.Hour} {
		o.startSink(func(order *sinkOrder) { order.ClockOff = off })
	}
	events := append(slices.Clone(ordered), ordered[:len(ordered)/50]...)
	rand.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	o.produce(events, wrongClock)
	over := time.Now()
	o.waitDealtWith()
	t.result.recovery = time.Since(over)
	o.judge(expectation{})
	o.compareFigures(clean)
}

// inOrder has each event once, the oldest first.
func inOrder(events []event.Event) []event.Event {
	slices.SortStableFunc(events, func(a, b event.Event) int { return cmp.Compare(a.ID, b.ID) })
	events = slices.CompactFunc(events, func(a, b event.Event) bool { return a.ID == b.ID })
	slices.SortStableFunc(events, func(a, b event.Event) int { return a.Time.Compare(b.Time) })
	return events
}

// wrongClock is the time of a producer whose clock is off. A clock that is
// behind by more than the log keeps would have its events deleted at once.
func wrongClock() time.Time {
	switch n := rand.IntN(100); {
	case n < 40:
		return time.Now().Add(time.Hour)
	case n < 80:
		return time.Now().Add(-time.Hour)
	case n < 90:
		return time.Now().AddDate(0, 0, -60)
	}
	return time.Now()
}

// keepProducersTime has the broker believe its producers' clocks.
func (o *office) keepProducersTime() {
	o.t.Helper()
	request := kmsg.NewPtrIncrementalAlterConfigsRequest()
	for _, topic := range ingest.Topics() {
		config := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
		config.Name, config.Value = "message.timestamp.type", new("CreateTime")
		resource := kmsg.NewIncrementalAlterConfigsRequestResource()
		resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeTopic, topic
		resource.Configs = append(resource.Configs, config)
		request.Resources = append(request.Resources, resource)
	}
	answer, err := request.RequestWith(o.t.Context(), o.client())
	if err != nil {
		o.t.Fatal(err)
	}
	for _, resource := range answer.Resources {
		if resource.ErrorCode != 0 {
			o.t.Fatalf("set the topic's clock: error %d", resource.ErrorCode)
		}
	}
}

// produce puts events into the log as another producer does, each with the time
// of a clock, and notes them as acknowledged when they are.
func (o *office) produce(events []event.Event, clock func() time.Time) {
	o.t.Helper()
	client := o.client(kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)))
	records := make([]*kgo.Record, len(events))
	for i := range events {
		text, err := events[i].Encode()
		if err != nil {
			o.t.Fatal(err)
		}
		records[i] = &kgo.Record{Topic: string(events[i].Type), Key: []byte(events[i].Key()), Value: text, Timestamp: clock()}
	}
	if err := client.ProduceSync(o.t.Context(), records...).FirstErr(); err != nil {
		o.t.Fatal(err)
	}
	for i := range events {
		o.sender.acked[events[i].ID] = true
	}
}
