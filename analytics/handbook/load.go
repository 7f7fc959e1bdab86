package handbook

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed default.yaml
var defaultYAML []byte

// Default returns the handbook that comes with the program: the office of the
// demo story. Every call returns one of its own.
func Default() *Handbook {
	hb, err := Parse(defaultYAML)
	if err != nil {
		panic("default.yaml is part of the program and tested with it: " + err.Error())
	}
	return hb
}

// Load reads a handbook from a file. Mistakes in it come as one error, each
// with its line, see [Parse].
func Load(path string) (*Handbook, error) {
	data, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("read the handbook: %w", err)
	}
	hb, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("handbook %s:\n%w", path, err)
	}
	return hb, nil
}

// Parse reads a handbook and checks it whole. The error joins one [LineError] for
// every mistake, in order of line.
func Parse(data []byte) (*Handbook, error) {
	root, err := parseTree(data)
	if err != nil {
		return nil, err
	}
	var hb Handbook
	c := checker{root: root, unread: make(map[int]bool)}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&hb); err != nil {
		types, ok := errors.AsType[*yaml.TypeError](err)
		if !ok {
			return nil, mistake(err.Error())
		}
		for _, text := range types.Errors {
			m := mistake(text)
			c.found = append(c.found, m)
			c.unread[m.Line] = c.unread[m.Line] || wrongType.MatchString(linePrefix.ReplaceAllString(text, ""))
		}
	}
	if root.Kind == yaml.MappingNode {
		c.check(&hb)
	} else if len(c.found) == 0 { // the decoder takes null for anything
		c.found = append(c.found, LineError{Line: root.Line, Text: "expected a block of keys and values"})
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	return &hb, nil
}

// parseTree reads the only document of data. The tree is read beside the
// values because it alone knows the lines.
func parseTree(data []byte) (*yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, LineError{Line: 1, Text: "the file is empty"}
	case err != nil:
		return nil, mistake(err.Error())
	}
	if err := dec.Decode(&more); err == nil {
		return nil, LineError{Line: more.Line, Text: "a second document begins; a handbook is one document"}
	} else if !errors.Is(err, io.EOF) {
		return nil, mistake(err.Error())
	}
	return resolve(doc.Content[0]), nil
}

// LineError is one mistake in a handbook's file.
type LineError struct {
	Line int // from 1; 0 when the parser does not say
	Text string
}

// Error reads "line 12: …".
func (m LineError) Error() string {
	if m.Line == 0 {
		return m.Text
	}
	return fmt.Sprintf("line %d: %s", m.Line, m.Text)
}

var (
	linePrefix   = regexp.MustCompile(`^line (\d+): `)
	unknownField = regexp.MustCompile(`^field (.*) not found in type \S+$`)
	wrongType    = regexp.MustCompile(`^cannot unmarshal !!(\w+)(?: (.*))? into (\S+)$`)
)

// mistake puts the words of the YAML library into those of this file's reader.
func mistake(text string) LineError {
	text = strings.TrimPrefix(text, "yaml: ")
	var m LineError
	if at := linePrefix.FindStringSubmatch(text); at != nil {
		m.Line, _ = strconv.Atoi(at[1]) // digits; one too long for an int leaves 0, "not known"
		text = strings.TrimPrefix(text, at[0])
	}
	if name := unknownField.FindStringSubmatch(text); name != nil {
		text = fmt.Sprintf("unknown key %q", name[1])
	}
	if parts := wrongType.FindStringSubmatch(text); parts != nil {
		text = strings.TrimSpace(strings.Join([]string{"expected", expected(parts[3]) + ", found", parts[2]}, " "))
		if parts[2] == "" {
			text += " something else"
		}
	}
	m.Text = text
	return m
}

func expected(goType string) string {
	switch {
	case goType == "int" || goType == "float64":
		return "a number"
	case goType == "string":
		return "a text"
	case goType == "bool":
		return "true or false"
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	default:
		return "a block of keys and values"
	}
}
