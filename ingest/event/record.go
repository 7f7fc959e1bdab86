package event

import "time"

// Record is an event with its place in the log: what the sink hands to the
// warehouse.
type Record struct {
	Event

	Log        string    // the cluster's id
	Partition  int       // of the topic that Event.Type names
	Offset     int64     // in the partition
	ProducedAt time.Time // when Kafka took it, UTC
}
