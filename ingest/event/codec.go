package event

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The media types of the HTTP door, and of a Kafka message in structured mode.
const (
	MediaType      = "application/cloudevents+json"
	MediaTypeBatch = "application/cloudevents-batch+json"
)

// envelope is a CloudEvent in structured JSON mode. Unknown members are
// extension attributes, which CloudEvents asks receivers to tolerate.
type envelope struct {
	SpecVersion     string         `json:"specversion"`
	ID              string         `json:"id"`
	Source          string         `json:"source"`
	Type            Type           `json:"type"`
	Time            string         `json:"time,omitempty"`
	DataContentType string         `json:"datacontenttype,omitempty"`
	Sequence        string         `json:"sequence,omitempty"`
	Data            jsontext.Value `json:"data,omitempty"`
	DataBase64      jsontext.Value `json:"data_base64,omitempty"`
}

// Decode reads one CloudEvent in structured JSON mode. It refuses what JSON
// leaves open: duplicate member names, invalid UTF-8, text after the end. The
// error is an [*InvalidError]; the Event beside it names what could be read.
// Decode does not [Event.Validate].
func Decode(data []byte) (Event, error) {
	if len(data) > MaxBytes {
		return Event{}, invalid("", fmt.Sprintf("has %d bytes, at most %d are allowed", len(data), MaxBytes))
	}
	var env envelope
	if err := json.Unmarshal(data, &env); err != nil {
		return Event{}, syntax("", err)
	}
	return env.event()
}

// DecodeBinary reads one CloudEvent in Kafka's binary mode: attributes in
// headers named ce_…, the payload as the message's value.
func DecodeBinary(header func(name string) string, value []byte) (Event, error) {
	if len(value) > MaxBytes {
		return Event{}, invalid("", fmt.Sprintf("has %d bytes, at most %d are allowed", len(value), MaxBytes))
	}
	env := envelope{
		SpecVersion:     header("ce_specversion"),
		ID:              header("ce_id"),
		Source:          header("ce_source"),
		Type:            Type(header("ce_type")),
		Time:            header("ce_time"),
		Sequence:        header("ce_sequence"),
		DataContentType: header("content-type"),
		Data:            value,
	}
	return env.event()
}

// event turns the envelope into an Event. Where it cannot, it still returns what
// names the event, with every problem of the envelope, so that its sender need
// not find them one by one.
func (env *envelope) event() (Event, error) {
	e := Event{ID: env.ID, Source: env.Source, Type: env.Type, Sequence: env.Sequence}
	var c checker
	if env.SpecVersion != "1.0" {
		c.add("/specversion", fmt.Sprintf("%q is not supported; use \"1.0\"", env.SpecVersion))
	}
	if ct := env.DataContentType; ct != "" && !strings.HasPrefix(ct, "application/json") {
		c.add("/datacontenttype", fmt.Sprintf("%q is not supported; use application/json", ct))
	}
	if env.Time != "" {
		t, ok := parseTime(env.Time)
		if !ok {
			c.add("/time", fmt.Sprintf("%q is no RFC 3339 time with zone; write 2026-09-30T17:00:00+08:00", env.Time))
		}
		e.Time = utcMillis(t)
	}
	c.gather("/data", env.payload(&e))
	if len(c.problems) == 0 {
		return e, nil
	}
	c.name("/id", env.ID)
	c.name("/source", env.Source)
	if env.Time == "" {
		c.add("/time", timeMissing)
	}
	return e, c.err()
}

// payload decodes the data into the part of e that the type names.
func (env *envelope) payload(e *Event) error {
	if len(env.DataBase64) > 0 {
		return invalid("/data_base64", "is not supported; send the data as JSON in \"data\"")
	}
	if !slices.Contains(Types(), env.Type) {
		return invalid("/type", fmt.Sprintf("%q is no type of event here; use %s", env.Type, oneOf(Types())))
	}
	if len(env.Data) == 0 || string(env.Data) == "null" {
		return invalid("/data", "is missing")
	}
	var err error
	switch env.Type {
	case TypeTask:
		e.Task = new(Task)
		err = json.Unmarshal(env.Data, e.Task)
		e.Task.DueAt = utcMillis(e.Task.DueAt)
	case TypeFault:
		e.Fault = new(Fault)
		err = json.Unmarshal(env.Data, e.Fault)
		e.Fault.FoundAt = utcMillis(e.Fault.FoundAt)
	case TypeAnswer:
		e.Answer = new(Answer)
		err = json.Unmarshal(env.Data, e.Answer)
	}
	if err != nil {
		e.Task, e.Fault, e.Answer = nil, nil, nil
		return syntax("/data", err)
	}
	return nil
}

// Encode writes e as a CloudEvent in structured JSON mode.
func (e *Event) Encode() ([]byte, error) {
	var payload any
	switch {
	case e.Task != nil:
		payload = e.Task
	case e.Fault != nil:
		payload = e.Fault
	case e.Answer != nil:
		payload = e.Answer
	default:
		return nil, invalid("/data", "is missing")
	}
	data, err := json.Marshal(payload, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encode event %s: %w", e.ID, err)
	}
	return json.Marshal(&envelope{
		SpecVersion: "1.0", ID: e.ID, Source: e.Source, Type: e.Type,
		Time: e.Time.UTC().Format("2006-01-02T15:04:05.999Z07:00"), Sequence: e.Sequence, Data: data,
	})
}

// parseTime reads an RFC 3339 time. time.Parse alone is more lenient: it takes
// an hour of one digit, a comma before the fraction and an offset of 99 hours.
func parseTime(s string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || len(s) < len("2006-01-02T15:04:05Z") || s[13] != ':' || s[16] != ':' || strings.Contains(s, ",") {
		return time.Time{}, false
	}
	if zone := len(s) - len("+08:00"); s[len(s)-1] != 'Z' && (s[zone+1:zone+3] > "23" || s[zone+4:] > "59") {
		return time.Time{}, false
	}
	return t, true
}

func utcMillis(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Millisecond)
}

// syntax turns a decoder's error into a Problem that names the place.
func syntax(prefix string, err error) error {
	if se, ok := errors.AsType[*json.SemanticError](err); ok {
		detail := "has the wrong type"
		if se.JSONKind != 0 && se.GoType != nil {
			detail = fmt.Sprintf("is a JSON %s, which does not fit here", kindName(se.JSONKind))
		}
		if se.Err != nil {
			detail += ": " + se.Err.Error()
		}
		return invalid(prefix+string(se.JSONPointer), detail)
	}
	if se, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return invalid(prefix+string(se.JSONPointer), fmt.Sprintf("is no valid JSON at byte %d: %v", se.ByteOffset, se.Err))
	}
	return invalid(prefix, "is no valid JSON: "+err.Error())
}

func kindName(k jsontext.Kind) string {
	switch k {
	case jsontext.KindNull:
		return "null"
	case jsontext.KindTrue, jsontext.KindFalse:
		return "boolean"
	case jsontext.KindString:
		return "string"
	case jsontext.KindNumber:
		return "number"
	case jsontext.KindBeginObject:
		return "object"
	case jsontext.KindBeginArray:
		return "array"
	default:
		return "value"
	}
}
