package dashboard

import (
	"net/http"
	"reflect"
	"slices"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/anonymity"
	"example.com/officepulse/analytics/calendar"
	reform "example.com/officepulse/analytics/change" // "change" is a difference between figures here
	"example.com/officepulse/analytics/quarters"
	"example.com/officepulse/analytics/register"
	"example.com/officepulse/analytics/target"
	"example.com/officepulse/analytics/warning"
	"example.com/officepulse/dashboard/openapi"
	"example.com/officepulse/ingest/delivery"
	"example.com/officepulse/surveys/wave"
)

// The chapters of the API's description to which this package adds.
const (
	tagFigures  = "figures"
	tagDelivery = "delivery"
)

// APITags are the chapters of [APIOperations].
func APITags() []openapi.Tag {
	return []openapi.Tag{
		{Name: tagFigures, Description: "What the events say. Times are seconds, rates 0 to 1, scores 0 to 100; from is inclusive, to exclusive; a period without data has no point. " +
			"Every answer names its definition, its clock, how far the events reach (as_of) and the versions of the handbook and the calendar by which it was computed."},
		{Name: tagSatisfaction, Description: "What came of the surveys. Every figure and text passes the same rule of suppression: no group with fewer answers than it asks is shown, nor can it be found as a difference."},
		{Name: tagPlans, Description: "What the director decides: targets and process changes. Every change is a revision with its author, time and reason; none is ever lost."},
		{Name: tagRegisters, Description: "How the office coordinates: registers of liaison items, blockers, emergencies, suppliers, supervision and decisions, told from the same events. Times are seconds, rates 0 to 1; a light is green, blue, yellow, red, or not there."},
		{Name: tagWarnings, Description: "Early warning: what the rules of the handbook say before it is too late, and how often they were right."},
		{Name: tagDelivery, Description: "Whether every event arrived, and what is done with those that could not be read (dead letters)."},
	}
}

// APITypes are the schemas of types whose values are few or that write their
// own JSON.
func APITypes() openapi.Types {
	return openapi.Types{
		reflect.TypeFor[analytics.Clock]():   openapi.Words(analytics.ClockElapsed, analytics.ClockWorking),
		reflect.TypeFor[analytics.Bucket]():  openapi.Words(listOf[analytics.Bucket](buckets)...),
		reflect.TypeFor[analytics.By]():      openapi.Words(listOf[analytics.By](groupings)...),
		reflect.TypeFor[calendar.Source]():   openapi.Words(calendar.SourceCompany, calendar.SourceYearFile, calendar.SourceNotice, calendar.SourceProvisional),
		reflect.TypeFor[anonymity.Reason]():  openapi.Words(anonymity.NoAnswer, anonymity.TooFew, anonymity.ForOther),
		reflect.TypeFor[wave.State]():        openapi.Words(wave.States()...),
		reflect.TypeFor[standing]():          openapi.Words(fastHappy, fastUnhappy, slowHappy, slowUnhappy),
		reflect.TypeFor[delivery.Kind]():     openapi.Words(delivery.Kinds()...),
		reflect.TypeFor[delivery.State]():    openapi.Words(delivery.States()...),
		reflect.TypeFor[delivery.Deed]():     openapi.Words(delivery.Edit, delivery.DryRun, delivery.Replay, delivery.Discard),
		reflect.TypeFor[target.Direction]():  openapi.Words(target.Lower, target.Higher),
		reflect.TypeFor[target.State]():      openapi.Words(target.States()...),
		reflect.TypeFor[target.Light]():      openapi.Words(target.Lights()...),
		reflect.TypeFor[target.Confidence](): openapi.Words(target.Confidences()...),
		reflect.TypeFor[target.Outcome]():    openapi.Words(target.BeyondStretch, target.Reached, target.Partly, target.Missed),
		reflect.TypeFor[reform.State]():      openapi.Words(reform.Recorded, reform.Withdrawn),
		reflect.TypeFor[reform.Outcome]():    openapi.Words(reform.Outcomes()...),
		reflect.TypeFor[quarters.Quarter]():  quarterSchema(),
		reflect.TypeFor[register.Light]():    openapi.Words(append(register.Lights(), register.Unlit)...),
		reflect.TypeFor[register.State]():    openapi.Words(register.States()...),
		reflect.TypeFor[warning.Outcome]():   openapi.Words(warning.Hit, warning.False, warning.Pending),
		reflect.TypeFor[Bytes]():             bytesSchema(),
	}
}

func listOf[T ~string](texts []string) []T {
	list := make([]T, len(texts))
	for i, t := range texts {
		list[i] = T(t)
	}
	return list
}

func quarterSchema() *openapi.Schema {
	return &openapi.Schema{Type: "string", Pattern: "^[0-9]{4}Q[1-4]$", Description: "A quarter of the fiscal year."}
}

func bytesSchema() *openapi.Schema {
	return &openapi.Schema{
		Description: "Text as it is, or bytes that are no UTF-8 in base64.",
		AnyOf: []*openapi.Schema{
			{Type: "string"},
			{Type: "object", Properties: map[string]*openapi.Schema{"base64": {Type: "string", ContentEncoding: "base64"}}, Required: []string{"base64"}},
		},
	}
}

// metricList is the answer of GET /api/v1/metrics.
type metricList struct {
	Metrics []listed `json:"metrics"`
}

// APIOperations describes the routes of [Routes] that are for programs.
func APIOperations() []openapi.Operation {
	return slices.Concat(figureOperations(), analysisOperations(), satisfactionOperations(), planOperations(), changeOperations(), registerOperations(), warningOperations(), deliveryOperations())
}

func figureOperations() []openapi.Operation {
	return []openapi.Operation{
		{
			Method: http.MethodGet, Path: "/api/v1/metrics", ID: "listMetrics", Tag: tagFigures, Open: true, Summary: "The metrics there are, with their definitions and what each may be asked",
			Parameters: exportParameters(), Answers: fileAnswer("The catalogue.", metricList{}), Problem: problem{},
		},
		{
			Method: http.MethodGet, Path: "/api/v1/metrics/:metric", ID: "queryMetric", Tag: tagFigures, Open: true, Summary: "One metric of one period",
			Description: "A metric answers with series of points, a table (variants, transitions, handovers, bottlenecks, deviations) with rows. Which groupings and filters a metric knows is in the catalogue.",
			Parameters:  append([]openapi.Parameter{metricParameter(analytics.Names())}, append(documented(parameters...), exportParameters()...)...),
			Answers:     fileAnswer("The figures.", analytics.Result{}), Problem: problem{},
		},
	}
}

func deliveryOperations() []openapi.Operation {
	letter := openapi.Parameter{Name: "id", In: openapi.InPath, Description: "Of the letter.", Pattern: "^[0-9a-f]{16}$"}
	deed := func(path, id, summary string, body *openapi.Body) openapi.Operation {
		return openapi.Operation{
			Method: http.MethodPost, Path: "/api/v1/deadletters/:id/" + path, ID: id, Tag: tagDelivery, Summary: summary,
			Parameters: []openapi.Parameter{letter, actorParameter()}, Body: body,
			Answers: openapi.OK("What came of it, as the letter's history keeps it.", Act{}), Problem: problem{},
		}
	}
	return []openapi.Operation{
		{
			Method: http.MethodGet, Path: "/api/v1/audit", ID: "audit", Tag: tagDelivery, Summary: "Account for every message of the log: stored, put aside, or missing",
			Answers: openapi.OK("The account by partition.", AuditReport{}), Problem: problem{},
		},
		{
			Method: http.MethodGet, Path: "/api/v1/deadletters", ID: "listDeadLetters", Tag: tagDelivery, Summary: "Dead letters, the newest first",
			Parameters: []openapi.Parameter{
				{Name: "kind", Description: "Only of this kind.", Enum: texts(delivery.Kinds())},
				{Name: "state", Description: "Only in this state.", Enum: texts(delivery.States())},
				{Name: "topic", Description: "Only from this topic."},
				{Name: "text", Description: "Only with this text in the reason, the key or the value."},
				wholeParameter("limit", "How many.", 1, maxListed, delivery.DefaultLimit), wholeParameter("offset", "How many to pass over.", 0, maxPassedOver, 0),
			},
			Answers: openapi.OK("The letters, and how many there are of each kind, topic and state.", LetterList{}), Problem: problem{},
		},
		{
			Method: http.MethodPost, Path: "/api/v1/deadletters/replay", ID: "replayDeadLetters", Tag: tagDelivery, Summary: "Send several letters through the front door again",
			Parameters: []openapi.Parameter{actorParameter()}, Body: lettersReplayBody(),
			Answers: openapi.OK("What came of each.", LettersReplayed{}), Problem: problem{},
		},
		{
			Method: http.MethodGet, Path: "/api/v1/deadletters/:id", ID: "getDeadLetter", Tag: tagDelivery, Summary: "One letter with its bytes and its history",
			Parameters: []openapi.Parameter{letter}, Answers: openapi.OK("The letter.", LetterInFull{}), Problem: problem{},
		},
		{
			Method: http.MethodGet, Path: "/api/v1/deadletters/:id/value", ID: "getDeadLetterValue", Tag: tagDelivery, Summary: "The bytes of a letter as they came",
			Parameters: []openapi.Parameter{letter}, Problem: problem{},
			Answers: []openapi.Answer{{Status: http.StatusOK, Description: "The bytes.", Content: []openapi.Content{{Media: "application/octet-stream"}}}},
		},
		deed("edit", "editDeadLetter", "Keep a corrected text, which a replay then sends", jsonBody(true, letterEditBody())),
		deed("dry-run", "dryRunDeadLetter", "Check the text as the front door would, and send nothing", nil),
		deed("replay", "replayDeadLetter", "Send the text through the front door", jsonBody(false, reasonBody())),
		deed("discard", "discardDeadLetter", "Decide that the letter is not needed", jsonBody(true, reasonBody())),
	}
}
