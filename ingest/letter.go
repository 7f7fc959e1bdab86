package ingest

import (
	"strconv"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"

	"example.com/officepulse/ingest/delivery"
)

// ownHeader begins the name of every header that the sink puts before a
// message's own.
const ownHeader = "officepulse-"

// readLetter reads a message of the dead-letter topic. One that somebody else
// put there, without the sink's headers, is a letter of unknown kind at the
// place where it lies.
func (p *partition) readLetter(m kafka.Message) delivery.Letter {
	lies := delivery.Place{Log: p.sink.cluster, Topic: m.Topic, Partition: m.Partition, Offset: m.Offset}
	l := delivery.Letter{
		Filed: lies, Place: lies, Last: m.Offset, Kind: delivery.Unknown,
		Key: string(m.Key), Value: string(m.Value), Size: int64(len(m.Value)), ProducedAt: p.producedAt(m), PutAt: p.producedAt(m),
	}
	own := make(map[string]bool, letterHeaders) // the first of each name; a message may carry headers of the same names
	for i, h := range m.Headers {
		if i < letterHeaders && strings.HasPrefix(h.Key, ownHeader) && !own[h.Key] {
			own[h.Key] = true
			readOwnHeader(&l, h.Key, string(h.Value))
			continue
		}
		l.Headers = append(l.Headers, delivery.Header{Name: h.Key, Value: string(h.Value)})
	}
	l.Last = max(l.Last, l.Place.Offset)
	if l.Place.Topic != DeadLetterTopic && l.Kind == delivery.Unknown {
		l.Kind = delivery.Malformed // put aside before letters had kinds
	}
	return l
}

// readOwnHeader takes what one of the sink's headers says; what is no number
// or time leaves the letter as it is.
func readOwnHeader(l *delivery.Letter, name, value string) {
	number := func(into *int64) {
		if n, err := strconv.ParseInt(value, 10, 64); err == nil && n >= 0 {
			*into = n
		}
	}
	switch name {
	case headerReason:
		l.Reason = value
	case headerTopic:
		l.Place.Topic = value
	case headerPartition:
		if n, err := strconv.ParseUint(value, 10, 31); err == nil {
			l.Place.Partition = int(n)
		}
	case headerOffset:
		number(&l.Place.Offset)
		l.Last = l.Place.Offset
	case headerLast:
		number(&l.Last)
	case headerTime:
		if t, err := time.Parse(time.RFC3339Nano, value); err == nil && t.Year() >= 1970 && t.Year() < 2200 {
			l.PutAt = t.UTC()
		}
	case headerKind:
		l.Kind = delivery.Kind(value)
	case headerLog:
		if value != "" {
			l.Place.Log = value
		}
	case headerSize:
		number(&l.Size)
	}
}
