package questionnaire

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

//go:embed schema.json
var schemaText []byte

// Schema is the JSON Schema (2020-12) of a questionnaire. What it cannot say,
// e.g. that keys differ, [Parse] checks besides.
func Schema() []byte { return bytes.Clone(schemaText) }

var schema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaText))
	if err != nil {
		return nil, fmt.Errorf("read the schema of questionnaires: %w", err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("officepulse:questionnaire", document); err != nil {
		return nil, fmt.Errorf("read the schema of questionnaires: %w", err)
	}
	return c.Compile("officepulse:questionnaire")
})

// Mistake is something wrong in a questionnaire.
type Mistake struct {
	Path string `json:"path"` // JSON pointer (RFC 6901), e.g. /questions/2/levels; "" for the whole
	Text string `json:"text"`
}

// String reads "/questions/2/key: …".
func (m Mistake) String() string {
	if m.Path == "" {
		return m.Text
	}
	return m.Path + ": " + m.Text
}

// InvalidError are all mistakes of a questionnaire.
type InvalidError struct{ Mistakes []Mistake }

// Error has one mistake a line.
func (e *InvalidError) Error() string {
	lines := make([]string, len(e.Mistakes))
	for i, m := range e.Mistakes {
		lines[i] = m.String()
	}
	return strings.Join(lines, "\n")
}

func invalid(found ...Mistake) error { return &InvalidError{Mistakes: found} }

// Parse reads a questionnaire from JSON and checks it. The error is an
// [InvalidError] with all that is wrong.
func Parse(data []byte) (*Questionnaire, error) {
	rules, err := schema()
	if err != nil {
		return nil, err
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, invalid(Mistake{Text: fmt.Sprintf("this is no JSON: %v", err)})
	}
	if err := rules.Validate(document); err != nil {
		return nil, schemaMistakes(err)
	}
	var q Questionnaire
	if err := json.Unmarshal(data, &q); err != nil {
		return nil, invalid(Mistake{Text: fmt.Sprintf("this is no questionnaire: %v", err)})
	}
	if found := q.Check(); len(found) > 0 {
		return nil, invalid(found...)
	}
	return &q, nil
}

// Document is the questionnaire as JSON, as [Parse] reads it.
func (q *Questionnaire) Document() ([]byte, error) {
	text, err := json.MarshalIndent(q, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write questionnaire %s: %w", q.ID(), err)
	}
	return text, nil
}

// schemaMistakes are the innermost causes of what the schema found.
func schemaMistakes(err error) error {
	refused, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return invalid(Mistake{Text: err.Error()})
	}
	english := message.NewPrinter(language.English)
	var found []Mistake
	var walk func(*jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		if len(e.Causes) == 0 {
			found = append(found, Mistake{Path: pointer(e.InstanceLocation...), Text: e.ErrorKind.LocalizedString(english)})
		}
		for _, cause := range e.Causes {
			walk(cause)
		}
	}
	walk(refused)
	slices.SortStableFunc(found, func(a, b Mistake) int { return strings.Compare(a.Path, b.Path) })
	return invalid(slices.Compact(found)...)
}

var escaped = strings.NewReplacer("~", "~0", "/", "~1")

// pointer joins steps to a JSON pointer.
func pointer(steps ...string) string {
	var b strings.Builder
	for _, step := range steps {
		b.WriteString("/")
		b.WriteString(escaped.Replace(step))
	}
	return b.String()
}
