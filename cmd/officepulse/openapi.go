package main

import (
	"net/http"
	"reflect"
	"sync"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/dashboard"
	"example.com/officepulse/dashboard/openapi"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/gateway"
)

const (
	openAPIPath = "/api/v1/openapi.json"
	eventsPath  = "/api/v1/events"
	linesMedia  = "application/x-ndjson"
)

// EventsProblem is the gateway's answer to events that cannot be taken.
type EventsProblem gateway.Problem

// PlainProblem is an answer of RFC 9457 that names no single faults.
type PlainProblem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

// taken is the gateway's answer to events that Kafka has for good.
type taken struct {
	Accepted int `json:"accepted"`
}

// readiness is the answer of GET /readyz.
type readiness struct {
	Ready    bool              `json:"ready"`
	Faults   map[string]string `json:"faults,omitempty"`   // part: what is wrong
	Troubles []string          `json:"troubles,omitempty"` // of the sink in this process
}

// apiDescription is the whole HTTP API in OpenAPI 3.1, whatever roles this
// process plays. It does not change while the program runs.
var apiDescription = sync.OnceValues(func() ([]byte, error) {
	tags := append([]openapi.Tag{
		{Name: "events", Description: "What happened, from the systems that know."},
		{Name: "service", Description: "The service itself: how it does, its handbook, its backups."},
	}, dashboard.APITags()...)
	types := dashboard.APITypes()
	types[reflect.TypeFor[event.Action]()] = openapi.Words(event.Actions()...)
	types[reflect.TypeFor[event.Severity]()] = openapi.Words(event.Severities()...)
	types[reflect.TypeFor[event.Status]()] = openapi.Words(event.Statuses()...)
	types[reflect.TypeFor[event.Value]()] = &openapi.Schema{
		Description: "A number (scores, levels), a text, or the keys of the chosen options.",
		AnyOf:       []*openapi.Schema{{Type: "number"}, {Type: "string"}, {Type: "array", Items: &openapi.Schema{Type: "string"}}},
	}
	info := openapi.Info{
		Title: "OfficePulse", Version: version,
		Description: "Events go in, figures come out. Operations with a lock want the operator's token. Errors are problem details (RFC 9457) that name everything that is wrong and what would be right.",
	}
	return openapi.Document(info, tags, append(serviceOperations(), dashboard.APIOperations()...), types)
})

// openAPI answers GET /api/v1/openapi.json.
func (o *office) openAPI(c *gin.Context) {
	text, err := apiDescription()
	if err != nil { // the program was built wrongly
		o.logger.ErrorContext(c.Request.Context(), "API not described", "error", err)
		problem(c, http.StatusInternalServerError, "the description cannot be made; the server's log says why")
		return
	}
	c.Header("Cache-Control", "no-cache")
	c.Data(http.StatusOK, "application/json; charset=utf-8", text)
}

// serviceOperations describes the routes that are the program's own.
func serviceOperations() []openapi.Operation {
	text := func(description string) []openapi.Answer {
		return []openapi.Answer{{Status: http.StatusOK, Description: description, Content: []openapi.Content{{Media: "text/plain", Schema: &openapi.Schema{Type: "string"}}}}}
	}
	return []openapi.Operation{
		{
			Method: http.MethodPost, Path: eventsPath, ID: "sendEvents", Tag: "events", Summary: "Send one event or a batch (CloudEvents 1.0, structured mode)",
			Description: "Answered only once Kafka has the events for good. A batch is taken whole or refused whole. The same events may be sent again: an event is known by its id.",
			Body:        eventsBody(), Problem: EventsProblem{},
			Answers: []openapi.Answer{{Status: http.StatusAccepted, Description: "All are safe.", Content: []openapi.Content{{Media: openapi.JSON, Type: taken{}}}}},
		},
		{
			Method: http.MethodGet, Path: "/api/v1/status", ID: "getStatus", Tag: "service", Summary: "Where the service is and how it does",
			Answers: openapi.OK("The status.", Status{}), Problem: PlainProblem{},
		},
		{
			Method: http.MethodPost, Path: "/api/v1/handbook/reload", ID: "reloadHandbook", Tag: "service", Summary: "Read the handbook's file again and put it into force",
			Description: "Figures go by it at once; no stored event changes. A file with mistakes is refused (422) with all of them, and the handbook from before stays.",
			Answers:     openapi.OK("What is in force now, and what was before.", HandbookReloaded{}), Problem: HandbookProblem{},
		},
		{
			Method: http.MethodPost, Path: surveyImportPath, ID: "importSurvey", Tag: "service", Summary: "Keep the questionnaire and the wave of a survey that was held elsewhere",
			Description: "Its answers then come as events, and the wave is closed. A wave that is there already is left as it is.",
			Body:        &openapi.Body{Required: true, Content: []openapi.Content{{Media: openapi.JSON, Schema: &openapi.Schema{Type: "object", Description: "The wave (key, quarter, title, closing time, departments) and its questionnaire."}}}},
			Answers:     openapi.OK("The wave as it is.", SurveyImported{}), Problem: PlainProblem{},
		},
		{
			Method: http.MethodPost, Path: surveyImportPath + "/:wave/close", ID: "closeImportedSurvey", Tag: "service", Summary: "Close an imported wave, once its answers are stored",
			Parameters: []openapi.Parameter{{Name: "wave", In: openapi.InPath, Description: "Its key."}},
			Answers:    openapi.OK("The wave as it is.", SurveyImported{}), Problem: PlainProblem{},
		},
		{
			Method: http.MethodPost, Path: "/api/v1/backup", ID: "makeBackup", Tag: "service", Summary: "Back up everything while the service runs",
			Description: "The answer is a stream of lines, each a JSON object: the steps, at the end the backup or the error.",
			Body:        backupBody(), Problem: PlainProblem{},
			Answers: []openapi.Answer{{Status: http.StatusOK, Description: "The lines; the schema is of each.", Content: []openapi.Content{{Media: linesMedia, Type: backupLine{}}}}},
		},
		{
			Method: http.MethodGet, Path: openAPIPath, ID: "getDescription", Tag: "service", Open: true, Summary: "This description",
			Answers: []openapi.Answer{{Status: http.StatusOK, Description: "OpenAPI 3.1.", Content: []openapi.Content{{Media: openapi.JSON, Schema: &openapi.Schema{Type: "object"}}}}},
		},
		{
			Method: http.MethodGet, Path: "/healthz", ID: "getHealth", Tag: "service", Open: true, Summary: "Whether the process answers at all",
			Answers: text("It does."),
		},
		{
			Method: http.MethodGet, Path: "/readyz", ID: "getReadiness", Tag: "service", Open: true, Summary: "Whether every part answers that this process stands on",
			Answers: append(openapi.OK("All do.", readiness{}), openapi.Answer{
				Status: http.StatusServiceUnavailable, Description: "Some do not.", Content: []openapi.Content{{Media: openapi.JSON, Type: readiness{}}},
			}),
		},
		{
			Method: http.MethodGet, Path: "/metrics", ID: "getTelemetry", Tag: "service", Open: true, Summary: "Figures about the service itself, for Prometheus",
			Answers: text("In the text format of Prometheus."),
		},
	}
}

func backupBody() *openapi.Body {
	return &openapi.Body{Required: true, Content: []openapi.Content{{Media: openapi.JSON, Schema: &openapi.Schema{
		Type: "object", Required: []string{"target"},
		Properties: map[string]*openapi.Schema{"target": {Type: "string", Description: "An absolute path on the machine of the service, where nothing is yet."}},
	}}}}
}
