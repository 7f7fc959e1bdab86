package torture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"example.com/officepulse/ingest/delivery"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/warehouse"
)

// lettersAmongGood sends what is no event among good events. Each becomes a
// dead letter of its kind, and the partitions move on.
func lettersAmongGood(t *trial) {
	o := newOffice(t, equipment{seconds: 6})
	// The database itself refuses a row.
	if err := o.conn.Exec(t.Context(), "ALTER TABLE task_events ADD CONSTRAINT no_poison CHECK case_id != 'poison'"); err != nil {
		t.Fatal(err)
	}
	client := o.client()
	want := make(map[delivery.Kind]int)
	offsets := 0
	o.startSink(nil)
	o.during(func() {
		for n := range 5 {
			for kind, record := range unfit(t.T, n) {
				if err := client.ProduceSync(t.Context(), record).FirstErr(); err != nil {
					t.Fatalf("send what is %s: %v", kind, err)
				}
				want[kind]++
				offsets++
			}
		}
		const unknownCodec, lz4, messages = 7, 3, 4
		if o.produceRaw(unknownCodec, 1) {
			t.Error("the broker took a batch of an unknown codec: look at what the sink does with it")
		}
		if o.produceRaw(lz4, messages) { // not every broker takes what it cannot unpack
			want[delivery.Unreadable]++
			offsets += messages
		}
	})
	if got := o.kinds(); !maps.Equal(got, want) {
		t.Errorf("dead letters %v, want %v", got, want)
	}
	o.judge(expectation{letters: offsets})
}

// unfit is one message of each kind that is no event to store.
func unfit(t *testing.T, n int) map[delivery.Kind]*kgo.Record {
	t.Helper()
	e := event.Event{
		ID: fmt.Sprintf("unfit-%d", n), Source: "/torture", Type: event.TypeTask, Time: time.Now(),
		Task: &event.Task{Process: "seal", CaseID: "poison", Stage: "apply", Action: event.Submit, Department: "sales"},
	}
	text, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	record := func(topic event.Type, value string) *kgo.Record {
		return &kgo.Record{Topic: string(topic), Key: fmt.Append(nil, n), Value: []byte(value)}
	}
	return map[delivery.Kind]*kgo.Record{
		delivery.Unstorable: record(event.TypeTask, string(text)),
		delivery.Malformed:  record(event.TypeTask, "no json"),
		delivery.Invalid:    record(event.TypeTask, strings.Replace(string(text), `"submit"`, `"explode"`, 1)),
		delivery.Misplaced:  record(event.TypeFault, string(text)),
		delivery.Oversize:   record(event.TypeTask, strings.Replace(string(text), "sales", strings.Repeat("s", event.MaxBytes), 1)),
	}
}

// kinds counts the dead letters that are filed.
func (o *office) kinds() map[delivery.Kind]int {
	o.t.Helper()
	counts, err := warehouse.NewWriter(o.conn).LetterCounts(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	kinds := make(map[delivery.Kind]int)
	for _, c := range counts {
		kinds[c.Kind] += int(c.N)
	}
	return kinds
}

// client is a Kafka client that is not the product's.
func (o *office) client(options ...kgo.Opt) *kgo.Client {
	o.t.Helper()
	client, err := kgo.NewClient(append(options, kgo.SeedBrokers(o.broker.addr()))...)
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(client.Close)
	return client
}

// produceRaw puts a batch into the log that says that it is packed with a codec
// and is not. It reports whether the broker took it.
func (o *office) produceRaw(codec int16, messages int32) bool {
	o.t.Helper()
	const lengthFrom, crcAt, crcFrom = 12, 17, 21 // bytes of a batch
	b := kmsg.NewRecordBatch()
	now := time.Now().UnixMilli()
	b.Magic, b.Attributes, b.LastOffsetDelta, b.NumRecords = 2, codec, messages-1, messages
	b.Records = bytes.Repeat([]byte("not packed at all "), 20)
	b.FirstTimestamp, b.MaxTimestamp, b.ProducerID, b.ProducerEpoch, b.FirstSequence = now, now, -1, -1, -1
	b.Length = int32(len(b.AppendTo(nil)) - lengthFrom)
	raw := b.AppendTo(nil)
	binary.BigEndian.PutUint32(raw[crcAt:], crc32.Checksum(raw[crcFrom:], crc32.MakeTable(crc32.Castagnoli)))
	partition := kmsg.NewProduceRequestTopicPartition()
	partition.Records = raw
	topic := kmsg.NewProduceRequestTopic()
	topic.Topic, topic.Partitions = string(event.TypeTask), []kmsg.ProduceRequestTopicPartition{partition}
	request := kmsg.NewPtrProduceRequest()
	request.Acks, request.TimeoutMillis, request.Topics = -1, 5000, []kmsg.ProduceRequestTopic{topic}
	answer, err := o.client(kgo.MaxVersions(kversion.V3_0_0())).Request(o.t.Context(), request) // later requests name topics by number
	if err != nil {
		o.t.Fatal(err)
	}
	produced, ok := answer.(*kmsg.ProduceResponse)
	return ok && produced.Topics[0].Partitions[0].ErrorCode == 0
}
