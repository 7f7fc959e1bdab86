package torture

import (
	"strconv"
	"syscall"

	"github.com/twmb/franz-go/pkg/kmsg"

	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/event"
)

// logCut deletes messages that no sink has read. Nothing brings them back, so
// it has to be said aloud: by the metric, in the log, in the warehouse, and by
// the auditor. This is the one row in which events are lost.
func logCut(t *trial) {
	o := newOffice(t, equipment{seconds: 6})
	s := o.startSink(nil)
	deleted := 0
	o.during(func() {
		s.await(inserted)
		s.signal(syscall.SIGTERM)
		s.wait()
		o.sender.waitTaken(2 * usualRate)
		for _, l := range o.taskLags() {
			n := l.Lag / 2
			o.deleteBefore(l.Partition, l.End-l.Lag+n)
			deleted += int(n)
		}
		s = o.startSink(nil)
	})
	if deleted == 0 {
		t.Fatal("nothing was deleted")
	}
	if s.counter("officepulse_sink_offset_out_of_range_total") == 0 {
		t.Error("the metric does not tell that the log was cut")
	}
	if !s.logged(`"level":"ERROR"`, "events may be lost") {
		t.Errorf("the log does not tell that the log was cut, see %s", s.logFile)
	}
	if got := o.text("SELECT toString(sum(last_offset - first_offset + 1)) FROM log_gaps FINAL WHERE lost"); got != strconv.Itoa(deleted) {
		t.Errorf("the warehouse knows of %s lost messages, want %d", got, deleted)
	}
	o.judge(expectation{deleted: deleted})
}

func (o *office) taskLags() []ingest.PartitionLag {
	o.t.Helper()
	all, err := o.lags(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	var of []ingest.PartitionLag
	for _, l := range all {
		if l.Topic == string(event.TypeTask) && l.Committed > 0 {
			of = append(of, l)
		}
	}
	return of
}

// deleteBefore deletes what lies before an offset of a task partition.
func (o *office) deleteBefore(id int, offset int64) {
	o.t.Helper()
	partition := kmsg.NewDeleteRecordsRequestTopicPartition()
	partition.Partition, partition.Offset = int32(id), offset
	topic := kmsg.NewDeleteRecordsRequestTopic()
	topic.Topic, topic.Partitions = string(event.TypeTask), []kmsg.DeleteRecordsRequestTopicPartition{partition}
	request := kmsg.NewPtrDeleteRecordsRequest()
	request.TimeoutMillis, request.Topics = 5000, []kmsg.DeleteRecordsRequestTopic{topic}
	answer, err := o.client().Request(o.t.Context(), request)
	if err != nil {
		o.t.Fatal(err)
	}
	if cut, ok := answer.(*kmsg.DeleteRecordsResponse); !ok || cut.Topics[0].Partitions[0].ErrorCode != 0 {
		o.t.Fatalf("the broker did not delete: %+v", answer)
	}
}
