package handbook

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// LineError is one mistake in a handbook's file.
type LineError struct {
	Line   int    `json:"line"` // from 1; 0 when the parser does not say
	Text   string `json:"text"`
	Remedy string `json:"remedy"` // what to write instead
}

// Error reads "line 12: what is wrong; what to do".
func (m LineError) Error() string {
	text := m.Text
	if m.Remedy != "" {
		text += "; " + m.Remedy
	}
	if m.Line == 0 {
		return text
	}
	return fmt.Sprintf("line %d: %s", m.Line, text)
}

// Mistakes returns the mistakes that an error of [Parse], [Load] or their kin
// joins, in order of line; none when the file could not even be read.
func Mistakes(err error) []LineError {
	var all []LineError
	var walk func(error)
	walk = func(err error) {
		switch e := err.(type) { //nolint:errorlint // it walks the whole tree, which errors.As does not
		case LineError:
			all = append(all, e)
		case interface{ Unwrap() []error }:
			for _, inner := range e.Unwrap() {
				walk(inner)
			}
		case interface{ Unwrap() error }:
			walk(e.Unwrap())
		}
	}
	walk(err)
	return all
}

func (r *reader) err() error {
	slices.SortStableFunc(r.found, func(a, b LineError) int { return a.Line - b.Line })
	errs := make([]error, len(r.found))
	for i, m := range r.found {
		errs[i] = m
	}
	return errors.Join(errs...)
}

// mistake parts "what is wrong; what to do".
func mistake(line int, text string) LineError {
	m := LineError{Line: line, Text: text}
	if i := strings.LastIndex(text, "; "); i >= 0 {
		m.Text, m.Remedy = text[:i], text[i+2:]
	}
	return m
}

// wrong is an error at a node that lets the decoder go on: any other would stop
// it, and the rest of the file would go unchecked.
func wrong(n *yaml.Node, format string, args ...any) error {
	return &yaml.TypeError{Errors: []string{at(n, format, args...)}}
}

// at is a text with a node's line, in the decoder's own form.
func at(n *yaml.Node, format string, args ...any) string {
	return fmt.Sprintf("line %d: ", n.Line) + fmt.Errorf(format, args...).Error()
}

// faultsOf are the texts of a decoder's error.
func faultsOf(err error) []string {
	if types, ok := errors.AsType[*yaml.TypeError](err); ok {
		return types.Errors
	}
	return []string{err.Error()}
}

func isTypeError(err error) bool {
	_, ok := errors.AsType[*yaml.TypeError](err)
	return ok
}

var (
	linePrefix   = regexp.MustCompile(`^line (\d+): `)
	unknownField = regexp.MustCompile(`^field (.*) not found in type handbook\.(\w+)$`)
	wrongType    = regexp.MustCompile(`^cannot unmarshal !!(\w+)(?: (.*))? into (\S+)$`)
	doubleKey    = regexp.MustCompile(`^mapping key .* already defined at line \d+$`)
)

// isWrongType reports whether a complaint of the decoder leaves a value unread.
// Those of our own readers do too; an unknown key and a double one do not.
func isWrongType(text string) bool {
	text = linePrefix.ReplaceAllString(text, "")
	return !unknownField.MatchString(text) && !doubleKey.MatchString(text)
}

// foreign puts the words of the YAML library into those of this file's reader.
func foreign(text string) LineError {
	text = strings.TrimPrefix(text, "yaml: ")
	line := 0
	if at := linePrefix.FindStringSubmatch(text); at != nil {
		line, _ = strconv.Atoi(at[1]) // digits; one too long for an int leaves 0, "not known"
		text = strings.TrimPrefix(text, at[0])
	}
	if parts := unknownField.FindStringSubmatch(text); parts != nil {
		return LineError{line, fmt.Sprintf("unknown key %q", parts[1]), "use one of " + strings.Join(keysOf(parts[2]), ", ")}
	}
	if parts := wrongType.FindStringSubmatch(text); parts != nil {
		want := expectation(parts[3])
		found := parts[2]
		if found == "" {
			found = "something else"
		}
		return LineError{line, fmt.Sprintf("expected %s, found %s", want.what, found), want.remedy}
	}
	if doubleKey.MatchString(text) {
		return LineError{line, text, "keep one of the two"}
	}
	if m := mistake(line, text); m.Remedy != "" {
		return m
	}
	return LineError{line, text, "look at the indentation, the colons and the quotes here and on the line before"}
}

type expected struct{ what, remedy string }

func expectation(goType string) expected {
	switch {
	case goType == "int" || goType == "float64":
		return expected{"a number", "write it in digits, without quotes and unit"}
	case goType == "string" || goType == "calendar.Clock":
		return expected{"a text", "write one text, in quotes if it looks like something else"}
	case goType == "bool":
		return expected{"true or false", "write one of the two"}
	case strings.HasPrefix(goType, "[]"):
		return expected{"a list", "write [a, b], or each entry on a line that begins with -"}
	default:
		return expected{"a block of keys and values", "write {key: value}, or each key on an indented line"}
	}
}

// blocks are the types that a handbook's blocks are read into.
var blocks = []any{
	Handbook{},
	Text{},
	Named{},
	Department{},
	Process{},
	Step{},
	Stage{},
	Route{},
	Limit{},
	Questionnaire{},
	Item{},
	Company{},
	OffDays{},
	WorkDays{},
	Saturdays{},
}

// keysOf are the keys that a block may have, by the name of its type.
func keysOf(typeName string) []string {
	var keys []string
	for _, b := range blocks {
		t := reflect.TypeOf(b)
		for i := 0; t.Name() == typeName && i < t.NumField(); i++ {
			if key := t.Field(i).Tag.Get("yaml"); key != "" && key != "removed" {
				keys = append(keys, key)
			}
		}
	}
	return keys
}
