package openapi_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"example.com/officepulse/dashboard/openapi"
)

type parcel struct {
	Sent  time.Time `json:"sent"`
	Size  Size      `json:"size"`
	Notes []string  `json:"notes,omitempty"`
}

// Size is one of few words.
type Size string

func operation(path, id string) openapi.Operation {
	return openapi.Operation{
		Method: http.MethodGet, Path: path, ID: id, Tag: "post", Summary: "A parcel",
		Parameters: []openapi.Parameter{{Name: "id", In: openapi.InPath, Description: "Which."}},
		Answers:    openapi.OK("The parcel.", parcel{}),
	}
}

func TestDocument(t *testing.T) {
	types := openapi.Types{reflect.TypeFor[Size](): openapi.Words(Size("small"), Size("large"))}
	text, err := openapi.Document(openapi.Info{Title: "Post", Version: "1"}, nil, []openapi.Operation{operation("/parcels/:id", "getParcel")}, types)
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		OpenAPI    string
		Paths      map[string]map[string]struct{ Security []any }
		Components struct {
			Schemas map[string]struct {
				Required   []string
				Properties map[string]struct {
					Format string
					Enum   []string
				}
			}
		}
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	schema := d.Components.Schemas["Parcel"]
	if d.OpenAPI != "3.1.0" || len(d.Paths["/parcels/{id}"]["get"].Security) != 1 || strings.Join(schema.Required, " ") != "sent size" || schema.Properties["sent"].Format != "date-time" || len(schema.Properties["size"].Enum) != 2 {
		t.Errorf("the document is\n%s", text)
	}
}

func TestDocumentRefusesContradictions(t *testing.T) {
	f := func(want string, operations ...openapi.Operation) {
		t.Helper()
		if _, err := openapi.Document(openapi.Info{}, nil, operations, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	f(`the id "a" is taken`, operation("/one/:id", "a"), operation("/two/:id", "a"))
	other := operation("/three/:id", "b")
	type Parcel struct{ Weight int }
	other.Answers = openapi.OK("Another.", Parcel{})
	f("would both be called Parcel", operation("/one/:id", "a"), other)
	unknown := operation("/four/:id", "c")
	unknown.Answers = openapi.OK("Nothing that JSON has.", struct{ F func() }{})
	f("schema of", unknown)
}
