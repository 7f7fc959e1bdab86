package ingest_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/delivery"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/warehouse"
)

const lz4Codec = 3

// produceRaw puts a batch of messages into partition 0 that says it is packed
// with a codec and holds the given bytes. It reports whether the broker took it.
func (o *office) produceRaw(codec int16, messages int32, packed []byte) bool {
	o.t.Helper()
	b := kmsg.NewRecordBatch()
	now := time.Now().UnixMilli()
	b.Magic, b.Attributes, b.LastOffsetDelta, b.NumRecords, b.Records = 2, codec, messages-1, messages, packed
	b.FirstTimestamp, b.MaxTimestamp, b.ProducerID, b.ProducerEpoch, b.FirstSequence = now, now, -1, -1, -1
	b.Length = int32(len(b.AppendTo(nil)) - 12)
	raw := b.AppendTo(nil)
	binary.BigEndian.PutUint32(raw[17:], crc32.Checksum(raw[21:], crc32.MakeTable(crc32.Castagnoli)))
	client, err := kgo.NewClient(kgo.SeedBrokers(o.brokers...), kgo.MaxVersions(kversion.V3_0_0()))
	if err != nil {
		o.t.Fatal(err)
	}
	defer client.Close()
	partition := kmsg.NewProduceRequestTopicPartition()
	partition.Records = raw
	topic := kmsg.NewProduceRequestTopic()
	topic.Topic, topic.Partitions = string(event.TypeTask), []kmsg.ProduceRequestTopicPartition{partition}
	request := kmsg.NewPtrProduceRequest()
	request.Acks, request.TimeoutMillis, request.Topics = -1, 5000, []kmsg.ProduceRequestTopic{topic}
	answer, err := client.Request(o.t.Context(), request)
	if err != nil {
		o.t.Fatal(err)
	}
	produced, ok := answer.(*kmsg.ProduceResponse)
	return ok && produced.Topics[0].Partitions[0].ErrorCode == 0
}

// A batch that nobody can unpack becomes a dead letter with its bytes, and the
// partition moves on.
func TestSinkGetsPastWhatItCannotUnpack(t *testing.T) {
	o := newOfficeWith(t, 1)
	o.publish(task(t, 1))
	packed := bytes.Repeat([]byte("not packed at all "), 20)
	if !o.produceRaw(lz4Codec, 3, packed) {
		t.Skip("this broker refuses a batch that cannot be unpacked")
	}
	o.publish(task(t, 2))
	config := ingest.DefaultSinkConfig()
	config.StallTime, config.MaxWait = time.Second, 50*time.Millisecond
	o.sinkWith(config, warehouse.NewWriter(o.conn))
	_, stored, deadLettered, missing, _ := o.audit().Sums()
	if stored != 2 || deadLettered != 3 || missing != 0 {
		t.Errorf("stored %d, put aside %d, missing %d; want 2, 3, 0", stored, deadLettered, missing)
	}
	letters, err := warehouse.NewWriter(o.conn).Letters(t.Context(), delivery.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if len(letters) != 1 || letters[0].Kind != delivery.Unreadable || letters[0].Value != string(packed) || letters[0].Last != 3 || letters[0].Place.Offset != 1 {
		t.Errorf("letters %+v, want one of the three messages from offset 1 with their packed bytes", letters)
	}
}

// Brokers refuse a codec that they do not know.
func TestBrokerRefusesUnknownCodec(t *testing.T) {
	if newOfficeWith(t, 1).produceRaw(7, 1, []byte("x")) {
		t.Error("the broker took a batch of codec 7: look at what the sink does with it")
	}
}

// The broker's own marks take up offsets: they are noted, and not missing.
func TestTransactionMarksAreNotMissing(t *testing.T) {
	o := newOfficeWith(t, 1)
	client, err := kgo.NewClient(kgo.SeedBrokers(o.brokers...), kgo.TransactionalID("tx"), kgo.DefaultProduceTopic(string(event.TypeTask)))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for i := range 3 {
		if err := client.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		if err := client.ProduceSync(t.Context(), &kgo.Record{Value: task(t, i).Value}).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := client.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
			t.Fatal(err)
		}
	}
	config := ingest.DefaultSinkConfig()
	config.StallTime, config.MaxWait = time.Second, 50*time.Millisecond
	o.sinkWith(config, warehouse.NewWriter(o.conn))
	lag, stored, deadLettered, missing, _ := o.audit().Sums()
	if lag != 0 || stored != 3 || deadLettered != 0 || missing != 0 {
		t.Errorf("lag %d, stored %d, put aside %d, missing %d; want 0, 3, 0, 0", lag, stored, deadLettered, missing)
	}
}

// A log that was cut before the sink had read it is said aloud: in the metric,
// in the warehouse and by the auditor.
func TestCutLogIsSaidAloud(t *testing.T) {
	o := newOfficeWith(t, 1)
	stop := o.sink(warehouse.NewWriter(o.conn))
	o.publish(task(t, 0), task(t, 1))
	o.waitStored()
	stop()
	for i := 2; i < 10; i++ {
		o.publish(task(t, i))
	}
	o.cutLog(string(event.TypeTask), 6)
	o.sink(warehouse.NewWriter(o.conn))
	_, stored, _, missing, _ := o.audit().Sums()
	if stored != 6 || missing != 4 {
		t.Errorf("stored %d, missing %d; want 6 and the 4 that were deleted", stored, missing)
	}
	if got := o.text("SELECT toString((first_offset, last_offset, lost)) FROM log_gaps"); got != "(2,5,true)" {
		t.Errorf("gap %s, want (2,5,true)", got)
	}
	if got := o.counter("officepulse_sink_offset_out_of_range_total"); got != 1 {
		t.Errorf("alarm counted %v times, want once", got)
	}
}

// cutLog deletes what lies before offset in partition 0 of a topic.
func (o *office) cutLog(topic string, offset int64) {
	o.t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(o.brokers...))
	if err != nil {
		o.t.Fatal(err)
	}
	defer client.Close()
	partition := kmsg.NewDeleteRecordsRequestTopicPartition()
	partition.Offset = offset
	one := kmsg.NewDeleteRecordsRequestTopic()
	one.Topic, one.Partitions = topic, []kmsg.DeleteRecordsRequestTopicPartition{partition}
	request := kmsg.NewPtrDeleteRecordsRequest()
	request.TimeoutMillis, request.Topics = 5000, []kmsg.DeleteRecordsRequestTopic{one}
	answer, err := client.Request(o.t.Context(), request)
	if err != nil {
		o.t.Fatal(err)
	}
	if deleted, ok := answer.(*kmsg.DeleteRecordsResponse); !ok || deleted.Topics[0].Partitions[0].ErrorCode != 0 {
		o.t.Fatalf("the broker did not cut its log: %+v", answer)
	}
}
