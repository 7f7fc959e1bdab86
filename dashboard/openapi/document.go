package openapi

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Info is what the document says about itself.
type Info struct {
	Title       string `json:"title"`
	Version     string `json:"version"`
	Description string `json:"description,omitempty"`
}

// Tag is a chapter of the document.
type Tag struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

// The parts of a document, in the words of the specification
// (https://spec.openapis.org/oas/v3.1.1.html).
type (
	document struct {
		OpenAPI    string          `json:"openapi"`
		Info       Info            `json:"info"`
		Servers    []server        `json:"servers"`
		Tags       []Tag           `json:"tags"`
		Paths      map[string]path `json:"paths"`
		Components components      `json:"components"`
	}
	server struct {
		URL string `json:"url"`
	}
	path       map[string]operation // by method
	components struct {
		Schemas         map[string]*Schema        `json:"schemas"`
		SecuritySchemes map[string]securityScheme `json:"securitySchemes"`
	}
	securityScheme struct {
		Type        string `json:"type"`
		Scheme      string `json:"scheme"`
		Description string `json:"description"`
	}
	operation struct {
		Tags        []string              `json:"tags"`
		OperationID string                `json:"operationId"`
		Summary     string                `json:"summary"`
		Description string                `json:"description,omitempty"`
		Parameters  []parameter           `json:"parameters,omitempty"`
		RequestBody *requestBody          `json:"requestBody,omitempty"`
		Responses   map[string]response   `json:"responses"`
		Security    []map[string][]string `json:"security"`
	}
	parameter struct {
		Name        string  `json:"name"`
		In          string  `json:"in"`
		Description string  `json:"description"`
		Required    bool    `json:"required,omitempty"`
		Style       string  `json:"style,omitempty"`
		Explode     *bool   `json:"explode,omitempty"`
		Schema      *Schema `json:"schema"`
		Example     any     `json:"example,omitempty"`
	}
	requestBody struct {
		Required bool             `json:"required"`
		Content  map[string]media `json:"content"`
	}
	response struct {
		Description string           `json:"description"`
		Content     map[string]media `json:"content,omitempty"`
	}
	media struct {
		Schema *Schema `json:"schema,omitempty"`
	}
)

const tokenScheme = "operator"

// Document describes operations as JSON. The error names an operation that
// contradicts itself or another.
func Document(info Info, tags []Tag, operations []Operation, known Types) ([]byte, error) {
	all := newSchemas(known)
	d := document{
		OpenAPI: "3.1.0", Info: info, Servers: []server{{URL: "/"}}, Tags: tags, Paths: make(map[string]path),
		Components: components{
			Schemas:         all.byName,
			SecuritySchemes: map[string]securityScheme{tokenScheme: {Type: "http", Scheme: "bearer", Description: "The token of the server: OFFICEPULSE_TOKEN, or the file \"token\" in its data directory."}},
		},
	}
	seen := make(map[string]bool)
	for i := range operations {
		o := &operations[i]
		described, err := all.operation(o)
		if err != nil {
			return nil, fmt.Errorf("describe %s %s: %w", o.Method, o.Path, err)
		}
		if seen[o.ID] {
			return nil, fmt.Errorf("describe %s %s: the id %q is taken", o.Method, o.Path, o.ID)
		}
		seen[o.ID] = true
		at := Template(o.Path)
		if d.Paths[at] == nil {
			d.Paths[at] = make(path)
		}
		d.Paths[at][strings.ToLower(o.Method)] = described
	}
	text, err := json.MarshalIndent(d, "", " ")
	if err != nil {
		return nil, fmt.Errorf("write the description: %w", err)
	}
	return append(text, '\n'), nil
}

var inPath = regexp.MustCompile(`[:*](\w+)`)

// Template is a router's path as OpenAPI writes it: /metrics/:metric is
// /metrics/{metric}; a rest of a path (*id) is one value too.
func Template(path string) string { return inPath.ReplaceAllString(path, "{$1}") }

func (s *schemas) operation(o *Operation) (operation, error) {
	d := operation{
		Tags: []string{o.Tag}, OperationID: o.ID, Summary: o.Summary, Description: o.Description,
		Responses: make(map[string]response), Security: []map[string][]string{},
	}
	if !o.Open {
		d.Security = append(d.Security, map[string][]string{tokenScheme: {}})
	}
	for i := range o.Parameters {
		d.Parameters = append(d.Parameters, o.Parameters[i].describe())
	}
	if o.Body != nil {
		for _, value := range o.Body.Uses {
			if _, err := s.of(value); err != nil {
				return d, err
			}
		}
		content, err := s.content(o.Body.Content)
		if err != nil {
			return d, err
		}
		d.RequestBody = &requestBody{Required: o.Body.Required, Content: content}
	}
	for _, a := range o.Answers {
		content, err := s.content(a.Content)
		if err != nil {
			return d, err
		}
		d.Responses[strconv.Itoa(a.Status)] = response{Description: a.Description, Content: content}
	}
	if o.Problem != nil {
		content, err := s.content([]Content{{Media: Problem, Type: o.Problem}})
		if err != nil {
			return d, err
		}
		d.Responses["default"] = response{Description: "What is wrong, and what would be right (RFC 9457).", Content: content}
	}
	return d, nil
}

func (s *schemas) content(list []Content) (map[string]media, error) {
	content := make(map[string]media)
	for _, c := range list {
		m := media{Schema: c.Schema}
		if c.Type != nil {
			var err error
			if m.Schema, err = s.of(c.Type); err != nil {
				return nil, err
			}
		}
		content[c.Media] = m
	}
	return content, nil
}

func (p *Parameter) describe() parameter {
	one := &Schema{Type: p.Type, Format: p.Format, Pattern: p.Pattern, Minimum: p.Minimum, Maximum: p.Maximum}
	if one.Type == "" {
		one.Type = "string"
	}
	for _, word := range p.Enum {
		one.Enum = append(one.Enum, word)
	}
	d := parameter{Name: p.Name, In: p.In, Description: p.Description, Required: p.Required || p.In == InPath, Schema: one, Example: p.Example}
	if d.In == "" {
		d.In = InQuery
	}
	if p.Default != nil {
		one.Default, _ = json.Marshal(p.Default) //nolint:errchkjson // a word or a number
	}
	if p.List {
		explode := true
		d.Schema, d.Style, d.Explode = &Schema{Type: "array", Items: one}, "form", &explode
	}
	return d
}
