// Package openapi describes an HTTP API in OpenAPI 3.1: a table of operations
// with the Go types of their bodies goes in, a JSON document comes out. It knows
// no route of its own.
package openapi

import "net/http"

// Media types of bodies.
const (
	JSON    = "application/json"
	Problem = "application/problem+json" // RFC 9457
)

// Operation is one method of one path.
type Operation struct {
	Method      string
	Path        string // as in the router: /api/v1/metrics/:metric
	ID          string // unique, in camelCase: what a generated client calls it
	Tag         string
	Summary     string
	Description string // may be empty
	Open        bool   // anybody may ask; else the operator's token is needed
	Parameters  []Parameter
	Body        *Body
	Answers     []Answer // besides the problems; at least one
	Problem     any      // a value of the type of all other answers; nil: there are none to describe
}

// Where a parameter stands.
const (
	InPath   = "path"
	InQuery  = "query"
	InHeader = "header"
)

// Parameter is a value outside of the body.
type Parameter struct {
	Name        string
	In          string // "": InQuery
	Description string
	Required    bool // a path's always are
	List        bool // several values, repeated or with commas
	Type        string
	Format      string   // date, date-time; may be empty
	Enum        []string // the only values; nil: any
	Default     any
	Pattern     string
	Minimum     *float64
	Maximum     *float64
	Example     any
}

// Body is what a request carries, one type a medium.
type Body struct {
	Required bool
	Content  []Content
	Uses     []any // values of types to which schemas refer by [Reference]
}

// Content is a body in one medium.
type Content struct {
	Media  string
	Type   any     // a value of its Go type; nil: whatever bytes
	Schema *Schema // instead of Type, where no Go type says it
}

// Answer is what comes with one status.
type Answer struct {
	Status      int
	Description string
	Content     []Content // none: no body
}

// OK is the usual answer: JSON of a Go type.
func OK(description string, value any) []Answer {
	return []Answer{{Status: http.StatusOK, Description: description, Content: []Content{{Media: JSON, Type: value}}}}
}
