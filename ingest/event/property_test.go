package event_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"example.com/officepulse/ingest/event"
)

// optional is any text that an event may carry, of any script; "" too.
func optional() *rapid.Generator[string] {
	return rapid.StringOfN(rapid.Rune().Filter(func(r rune) bool { return !unicode.IsControl(r) }), 0, 40, event.MaxName)
}

func name() *rapid.Generator[string] {
	return optional().Filter(func(s string) bool { return s != "" })
}

// millis is any instant that an event may carry.
func millis() *rapid.Generator[time.Time] {
	return rapid.Map(rapid.Int64Range(event.Earliest.UnixMilli(), now.Add(event.MaxAhead).UnixMilli()), func(ms int64) time.Time {
		return time.UnixMilli(ms).UTC()
	})
}

func maybe(t *rapid.T, label string) time.Time {
	if !rapid.Bool().Draw(t, label+" is known") {
		return time.Time{}
	}
	return millis().Draw(t, label)
}

func values() *rapid.Generator[event.Value] {
	return rapid.OneOf(
		rapid.Map(rapid.Float64(), event.Number),
		rapid.Map(rapid.String(), event.Text),
		rapid.Map(rapid.SliceOfN(rapid.String(), 0, 3), func(s []string) event.Value { return event.Choices(s...) }),
	)
}

// anyEvent is any event that the door takes.
func anyEvent() *rapid.Generator[event.Event] {
	return rapid.Custom(func(t *rapid.T) event.Event {
		e := event.Event{
			ID: name().Draw(t, "id"), Source: name().Draw(t, "source"), Type: rapid.SampledFrom(event.Types()).Draw(t, "type"),
			Time: millis().Draw(t, "time"), Sequence: optional().Draw(t, "sequence"),
		}
		switch e.Type {
		case event.TypeTask:
			e.Task = &event.Task{
				Process: name().Draw(t, "process"), CaseID: name().Draw(t, "case"), Stage: name().Draw(t, "stage"),
				Action: rapid.SampledFrom(event.Actions()).Draw(t, "action"), Department: name().Draw(t, "department"),
				Actor: optional().Draw(t, "actor"), ActorDepartment: optional().Draw(t, "actor's department"),
				DueAt: maybe(t, "due"), Attributes: rapid.MapOfN(name(), rapid.String(), 0, 5).Draw(t, "attributes"),
			}
		case event.TypeFault:
			e.Fault = &event.Fault{
				FaultID: name().Draw(t, "fault"), Process: name().Draw(t, "process"), CaseID: optional().Draw(t, "case"),
				Stage: optional().Draw(t, "stage"), Kind: name().Draw(t, "kind"), Severity: rapid.SampledFrom(event.Severities()).Draw(t, "severity"),
				Status: rapid.SampledFrom(event.Statuses()).Draw(t, "status"), Department: name().Draw(t, "department"),
				ReportedBy: optional().Draw(t, "reporter"), FoundAt: maybe(t, "found"),
			}
		case event.TypeAnswer:
			e.Answer = &event.Answer{
				AnswerID: name().Draw(t, "answer"), Wave: name().Draw(t, "wave"), Questionnaire: name().Draw(t, "questionnaire"),
				Department: name().Draw(t, "department"), Answers: rapid.MapOfN(name(), values(), 1, 5).Draw(t, "answers"),
			}
		}
		return e
	})
}

// TestAnyEventSurvivesTheWire sends any event through every codec: structured,
// fast, and Kafka's binary mode. None loses or changes anything.
func TestAnyEventSurvivesTheWire(t *testing.T) {
	var fast event.Decoder // it decodes one event after the other, as in the sink
	same := cmp.Options{cmp.AllowUnexported(event.Value{}), cmpopts.EquateEmpty()}
	rapid.Check(t, func(t *rapid.T) {
		e := anyEvent().Draw(t, "event")
		if err := e.Validate(now); err != nil {
			t.Fatalf("the door refuses it: %v", err)
		}
		bytes, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		for _, codec := range []struct {
			mode   string
			decode func() (event.Event, error)
		}{
			{"structured", func() (event.Event, error) { return event.Decode(bytes) }},
			{"fast", func() (event.Event, error) { return fast.Decode(bytes) }},
			{"binary", func() (event.Event, error) { return binary(t, bytes) }},
		} {
			got, err := codec.decode()
			if diff := cmp.Diff(e, got, same); err != nil || diff != "" {
				t.Logf("%s: %s: %v (-sent +received):\n%s", codec.mode, bytes, err, diff)
				t.FailNow() // without a text of its own, so that rapid takes a smaller case for the same failure
			}
		}
	})
}

// binary decodes an encoded event as if its producer had put its attributes
// into headers.
func binary(t *rapid.T, structured []byte) (event.Event, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(structured, &members); err != nil {
		t.Fatal(err)
	}
	return event.DecodeBinary(func(header string) string {
		var text string
		if value, ok := members[strings.TrimPrefix(header, "ce_")]; ok {
			if err := json.Unmarshal(value, &text); err != nil {
				t.Fatal(err)
			}
		}
		return text
	}, members["data"])
}
