package dashboard

import (
	"example.com/officepulse/dashboard/openapi"
	"example.com/officepulse/ingest/delivery"
)

// What requests carry is described by hand: unlike in an answer, a member may
// be missing.

func jsonBody(required bool, schema *openapi.Schema) *openapi.Body {
	return &openapi.Body{Required: required, Content: []openapi.Content{{Media: openapi.JSON, Schema: schema}}}
}

// bodyObject is a JSON object that has nothing but these members.
func bodyObject(members map[string]*openapi.Schema, required ...string) *openapi.Schema {
	return &openapi.Schema{Type: "object", Properties: members, Required: required, AdditionalProperties: &openapi.Schema{Not: &openapi.Schema{}}}
}

func bodyText(description string) *openapi.Schema {
	return &openapi.Schema{Type: "string", Description: description}
}

// bodyReason is why somebody does something, in their words.
func bodyReason() *openapi.Schema { return bodyText("Why, in your words; needed to discard.") }

func reasonBody() *openapi.Schema {
	return bodyObject(map[string]*openapi.Schema{"reason": bodyReason()})
}

func letterEditBody() *openapi.Schema {
	return bodyObject(map[string]*openapi.Schema{"text": bodyText("The corrected event, as JSON text."), "reason": bodyReason()}, "text")
}

func lettersReplayBody() *openapi.Body {
	most := MaxTogether
	ids := &openapi.Schema{
		Type: "array", Description: "The letters.", MaxItems: &most,
		Items: &openapi.Schema{Type: "string", Pattern: letterID.String()},
	}
	filter := bodyObject(map[string]*openapi.Schema{
		"kind": openapi.Words(delivery.Kinds()...), "state": openapi.Words(delivery.States()...), "topic": bodyText("Only from this topic."), "text": bodyText("Only with this text."),
	})
	filter.Description = "Instead of ids: which letters; {} chooses all open ones."
	return jsonBody(true, bodyObject(map[string]*openapi.Schema{"ids": ids, "filter": filter, "reason": bodyReason()}))
}
