package importer

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

// tracePrefix marks an attribute of the trace, as tables made from XES do.
const tracePrefix = "case:"

// xesKeys are the attributes each field is found under without --map, the best
// first. https://xes-standard.org
var xesKeys = [fieldCount][]string{
	fieldCase:            {"case:concept:name"},
	fieldStage:           {"concept:name"},
	fieldTime:            {"time:timestamp"},
	fieldAction:          {lifecycleColumn},
	fieldDepartment:      {"case:org:group", "case:department", "org:group", "department"},
	fieldActor:           {"org:resource"},
	fieldActorDepartment: {"org:group"},
	fieldDue:             {"case:due_at", "due_at"},
	fieldClass:           {"case:class", "class"},
}

// xesLog is an event log in XES, IEEE 1849.
type xesLog struct {
	in     *input
	mapped map[string]string
	keys   [fieldCount][]string
	used   [fieldCount][]bool // which of the keys gave some event its value
}

func openXES(in *input, opts Options) (*xesLog, error) {
	l := &xesLog{in: in, mapped: opts.Map, keys: xesKeys}
	for f, name := range fieldNames {
		if header, ok := opts.Map[name]; ok {
			l.keys[f] = []string{header}
		}
	}
	for f := range l.used {
		l.used[f] = make([]bool, len(l.keys[f]))
	}
	r, err := in.text() // refuses what is no text before anything is done
	if err != nil {
		return nil, err
	}
	return l, looksLikeXML(r)
}

var errNoXML = errors.New("this is not XML (does it begin with <?xml or <log>?); for a table use --format csv")

// looksLikeXML refuses what begins with something other than a tag. The decoder
// would take it for text, and miss the tag only behind the last line.
func looksLikeXML(r *bufio.Reader) error {
	start, _ := r.Peek(1 << 10) // an error comes again at the first reading, which tells it with its line
	if bytes.HasPrefix(start, bomUTF16LE) || bytes.HasPrefix(start, bomUTF16BE) {
		return errors.New("the file is UTF-16; save it as UTF-8")
	}
	rest := bytes.TrimLeft(bytes.TrimPrefix(start, bomUTF8), " \t\r\n")
	if len(rest) == 0 || rest[0] == '<' {
		return nil
	}
	before := start[:len(start)-len(rest)]
	return &brokenError{line: int64(1 + bytes.Count(before, []byte("\n"))), err: errNoXML}
}

func (l *xesLog) names() (names [fieldCount]string) {
	for f := range names {
		names[f] = l.keys[f][0]
		if len(l.keys[f]) > 1 {
			names[f] = "" // several would do: name the field instead
		}
	}
	return names
}

func (l *xesLog) columns() map[string]string {
	m := map[string]string{}
	for f, keys := range l.keys {
		var used []string
		for rank, key := range keys {
			if l.used[f][rank] {
				used = append(used, key)
			}
		}
		if len(used) > 0 {
			m[fieldNames[f]] = strings.Join(used, " or ")
		}
	}
	return m
}

func (l *xesLog) close() error { return nil }

func (l *xesLog) open() (source, error) {
	r, err := l.in.text()
	if err != nil {
		return nil, err
	}
	tokens := &tokenReader{r: r, limit: l.in.limits.Line}
	dec := xml.NewDecoder(tokens)
	dec.CharsetReader = decodeXML
	return &xesSource{log: l, tokens: tokens, dec: dec, lifecycle: l.keys[fieldAction][0] == lifecycleColumn}, nil
}

func decodeXML(label string, r io.Reader) (io.Reader, error) {
	enc, err := htmlindex.Get(label)
	if err != nil {
		return nil, fmt.Errorf("the encoding %q is not known; save the file as UTF-8", label)
	}
	return enc.NewDecoder().Reader(r), nil
}

// tokenReader bounds how much one XML token may take: encoding/xml holds a whole
// one, and a text or comment that never ends would fill the memory.
type tokenReader struct {
	r     *bufio.Reader
	limit int
	used  int
}

var errTokenTooLong = errors.New("a tag, text or comment is too long")

func (t *tokenReader) ReadByte() (byte, error) {
	if t.used++; t.used > t.limit {
		return 0, errTokenTooLong
	}
	return t.r.ReadByte()
}

// Read is used instead of ReadByte where the file is not UTF-8.
func (t *tokenReader) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if t.used += n; t.used > t.limit+len(p) {
		return 0, errTokenTooLong
	}
	return n, err
}

// found is the value of a field, and how good the attribute is that gave it: the
// lower the better, -1 if none did.
type found struct {
	value string
	rank  int
}

// xesSource walks through the tags and puts an event together from the attributes
// of its trace and its own.
type xesSource struct {
	log       *xesLog
	tokens    *tokenReader
	dec       *xml.Decoder
	lifecycle bool

	isLog            bool
	depth            int // open tags
	inTrace, inEvent bool
	stray            bool             // the event stands outside every trace
	traces, events   int64            // events: of this trace
	seen             [fieldCount]bool // some trace or event gave it
	line             int64            // of the event's tag
	trace, own       [fieldCount]found
}

func (s *xesSource) offset() int64 { return s.log.in.read }

func (s *xesSource) close() error { return nil }

func (s *xesSource) next(rec *record) error {
	for {
		token, err := s.token()
		if errors.Is(err, io.EOF) {
			return s.atEnd()
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			s.depth++
			if err := s.begin(&t); err != nil {
				return err
			}
		case xml.EndElement:
			s.depth--
			if s.end() {
				s.fill(rec)
				return nil
			}
		case xml.Directive:
			return s.broken(errors.New("a document type (<!DOCTYPE …>) is not allowed in a log; remove it"))
		}
	}
}

func (s *xesSource) token() (xml.Token, error) {
	s.tokens.used = 0
	token, err := s.dec.Token()
	if err == nil || errors.Is(err, io.EOF) || isFatal(err) {
		return token, err
	}
	if se, ok := errors.AsType[*xml.SyntaxError](err); ok {
		return nil, s.broken(fmt.Errorf("the XML is broken: %s", se.Msg))
	}
	if errors.Is(err, errTokenTooLong) {
		return nil, s.broken(fmt.Errorf("%w: more than %s", err, bytesText(int64(s.tokens.limit))))
	}
	return nil, s.broken(fmt.Errorf("the file breaks off: %w", err))
}

// atEnd is io.EOF, unless the file was no log, or has nowhere what was mapped.
func (s *xesSource) atEnd() error {
	if !s.isLog {
		return s.broken(errors.New("there is no <log> tag; an XES file begins with one"))
	}
	for f, name := range fieldNames {
		if key, mapped := s.log.mapped[name]; mapped && !s.seen[f] && s.traces > 0 {
			return fmt.Errorf("attribute %q, mapped to %s, stands at no event of the log; an attribute of the trace is written %s%s", key, name, tracePrefix, key)
		}
	}
	return io.EOF
}

func (s *xesSource) broken(err error) error {
	line, _ := s.dec.InputPos()
	return &brokenError{line: int64(line), err: err}
}

// begin takes an opening tag. Attributes inside attributes, and what the log says
// about itself, are passed over.
func (s *xesSource) begin(t *xml.StartElement) error {
	switch {
	case s.depth == 1 && t.Name.Local != "log":
		return s.broken(fmt.Errorf("the first tag is <%s>, but an XES file begins with <log>", cut(t.Name.Local, 40)))
	case s.depth == 1:
		s.isLog = true
	case s.depth == 2 && t.Name.Local == "trace":
		s.inTrace, s.stray = true, false
		s.traces++
		s.events = 0
		s.trace = nothing()
	case s.depth == 2 && t.Name.Local == "event":
		s.stray = true
		s.trace = nothing()
		s.beginEvent()
	case s.depth == 3 && s.stray:
		s.take(&s.own, t, "")
	case s.depth == 3 && s.inTrace && t.Name.Local == "event":
		s.stray = false
		s.beginEvent()
	case s.depth == 3 && s.inTrace:
		s.take(&s.trace, t, tracePrefix)
	case s.depth == 4 && s.inEvent:
		s.take(&s.own, t, "")
	}
	return nil
}

func (s *xesSource) beginEvent() {
	s.inEvent = true
	s.events++
	line, _ := s.dec.InputPos()
	s.line = int64(line)
	s.own = s.trace
}

// end takes a closing tag, and reports whether it ends an event.
func (s *xesSource) end() bool {
	switch {
	case s.inEvent && (s.depth == 2 || s.depth == 1 && s.stray):
		s.inEvent = false
		return true
	case s.depth == 1:
		s.inTrace = false
	}
	return false
}

func nothing() (f [fieldCount]found) {
	for i := range f {
		f[i].rank = -1
	}
	return f
}

// take keeps an attribute for the fields it is the best so far for.
func (s *xesSource) take(into *[fieldCount]found, t *xml.StartElement, prefix string) {
	var name, value string
	for _, a := range t.Attr {
		switch a.Name.Local {
		case "key":
			name = a.Value
		case "value":
			value = a.Value
		}
	}
	for f := range into {
		for rank, want := range s.log.keys[f] {
			rest, ok := strings.CutPrefix(want, prefix)
			if !ok || rest != name || prefix == "" && strings.HasPrefix(want, tracePrefix) {
				continue
			}
			if known(value) == "" && field(f) == fieldDepartment {
				continue // the next best attribute may know it
			}
			if into[f].rank < 0 || rank < into[f].rank {
				into[f] = found{value, rank}
				s.seen[f] = true
			}
		}
	}
}

func (s *xesSource) fill(rec *record) {
	rec.line, rec.trace, rec.event, rec.lifecycle = s.line, s.traces, s.events, s.lifecycle
	for f := range rec.values {
		rec.values[f] = s.own[f].value
	}
	if _, mapped := s.log.mapped[fieldNames[fieldActorDepartment]]; !mapped && !s.departmentOfTrace() {
		// The event's group already is the department, and says nothing more.
		rec.values[fieldActorDepartment] = ""
	}
	s.log.note(rec, &s.own)
	if s.stray {
		rec.trace = 0
		rec.fault = &fault{fieldNames[fieldCase], "the event stands outside every <trace>, so it belongs to no case"}
	} else if rec.values[fieldCase] == "" {
		rec.fault = &fault{fieldNames[fieldCase], fmt.Sprintf("the trace has no %s before its events", strings.TrimPrefix(s.log.keys[fieldCase][0], tracePrefix))}
	}
}

// note keeps which attributes gave a record its values.
func (l *xesLog) note(rec *record, own *[fieldCount]found) {
	for f, value := range rec.values {
		if value != "" {
			l.used[f][own[f].rank] = true
		}
	}
}

func (s *xesSource) departmentOfTrace() bool {
	rank := s.own[fieldDepartment].rank
	return rank >= 0 && strings.HasPrefix(s.log.keys[fieldDepartment][rank], tracePrefix)
}
