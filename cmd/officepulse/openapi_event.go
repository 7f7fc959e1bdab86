package main

import (
	"example.com/officepulse/dashboard/openapi"
	"example.com/officepulse/ingest/event"
)

// What the gateway takes. The types of events write their envelope by hand, so
// it is described by hand as well; their data are the Go types.
type (
	taskData   event.Task
	faultData  event.Fault
	answerData event.Answer
)

func eventsBody() *openapi.Body {
	one := openapi.OneOf(
		envelope(event.TypeTask, "TaskData"), envelope(event.TypeFault, "FaultData"), envelope(event.TypeAnswer, "AnswerData"),
	)
	return &openapi.Body{
		Required: true, Uses: []any{taskData{}, faultData{}, answerData{}},
		Content: []openapi.Content{
			{Media: event.MediaType, Schema: one},
			{Media: event.MediaTypeBatch, Schema: &openapi.Schema{Type: "array", Items: one}},
		},
	}
}

func envelope(t event.Type, data string) *openapi.Schema {
	most := event.MaxName
	name := func(description string) *openapi.Schema {
		return &openapi.Schema{Type: "string", MaxLength: &most, Description: description}
	}
	var specversion, kind any = "1.0", string(t)
	return &openapi.Schema{
		Type: "object", Required: []string{"specversion", "id", "source", "type", "time", "data"},
		Properties: map[string]*openapi.Schema{
			"specversion":     {Const: &specversion},
			"id":              name("Unique for ever, chosen by the producer."),
			"source":          name("Names the producer, a URI reference."),
			"type":            {Const: &kind},
			"time":            {Type: "string", Format: "date-time", Description: "When it happened."},
			"datacontenttype": {Enum: []any{"application/json"}},
			"sequence":        name("Orders the events of a case at the same millisecond, compared as text."),
			"data":            openapi.Reference(data),
		},
	}
}
