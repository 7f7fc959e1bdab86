package openapi

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"time"
	"unicode"

	"github.com/google/jsonschema-go/jsonschema"
)

// Schema is a JSON schema of the 2020-12 dialect, which OpenAPI 3.1 uses.
type Schema = jsonschema.Schema

// Types are schemas of Go types that write their JSON themselves, or whose
// values are few. They replace what reflection would say.
type Types map[reflect.Type]*Schema

// Words is the schema of a text that is one of some.
func Words[T ~string](words ...T) *Schema {
	s := &Schema{Type: "string"}
	for _, w := range words {
		s.Enum = append(s.Enum, string(w))
	}
	return s
}

// OneOf is the schema of what matches exactly one of some.
func OneOf(list ...*Schema) *Schema { return &Schema{OneOf: list} }

// Reference refers to the schema of a type by its name.
func Reference(name string) *Schema { return &Schema{Ref: "#/components/schemas/" + name} }

// schemas are those that a document's operations refer to, by name.
type schemas struct {
	known  Types
	byName map[string]*Schema
	types  map[string]reflect.Type // by name, to find two types of one name
}

func newSchemas(known Types) *schemas {
	all := Types{reflect.TypeFor[time.Time](): {Type: "string", Format: "date-time"}}
	maps.Copy(all, known)
	return &schemas{known: all, byName: make(map[string]*Schema), types: make(map[string]reflect.Type)}
}

// of is the schema of a value's type: a reference where the type has a name.
func (s *schemas) of(value any) (*Schema, error) {
	t := reflect.TypeOf(value)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Name() == "" {
		return s.reflect(t)
	}
	name := title(t.Name())
	if other, taken := s.types[name]; taken && other != t {
		return nil, fmt.Errorf("%s and %s would both be called %s", other, t, name)
	}
	if _, done := s.byName[name]; !done {
		schema, err := s.reflect(t)
		if err != nil {
			return nil, err
		}
		s.types[name], s.byName[name] = t, schema
	}
	return Reference(name), nil
}

func (s *schemas) reflect(t reflect.Type) (*Schema, error) {
	schema, err := jsonschema.ForType(t, &jsonschema.ForOptions{TypeSchemas: s.known})
	if err != nil {
		return nil, fmt.Errorf("schema of %s: %w", t, err)
	}
	return schema, nil
}

// title is a type's name as the document has it, whatever its package shows.
func title(name string) string {
	name, _, _ = strings.Cut(name, "[")
	letters := []rune(name)
	letters[0] = unicode.ToUpper(letters[0])
	return string(letters)
}
