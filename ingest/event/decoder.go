package event

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Decoder decodes like [Decode], and the common case, a task whose texts need
// no unescaping, several times faster: one pass, texts that share the
// message's memory, and names and attributes that recur kept once. What is in
// any way unusual, wrong included, it leaves to Decode, whose results it
// shares to the letter (see FuzzDecoder).
//
// Its zero value is ready. It must not be used by two goroutines at once, and
// the Attributes of its events are shared between them: read only.
type Decoder struct {
	names      map[string]string
	attributes map[string]map[string]string // by their JSON text
	tasks      []Task                       // not handed out yet
}

// Bounds of what a Decoder remembers; beyond, it forgets and begins anew.
const (
	maxNames      = 4096
	maxNameKept   = 64  // bytes; longer texts recur seldom
	maxKept       = 256 // bytes of attributes
	maxRemembered = 1024
	taskChunk     = 256
)

// Decode reads one CloudEvent in structured JSON mode, as [Decode] does.
func (d *Decoder) Decode(data []byte) (Event, error) {
	if len(data) <= MaxBytes && utf8.Valid(data) {
		p := parser{decoder: d, text: string(data)}
		if e, ok := p.event(); ok {
			return e, nil
		}
	}
	return Decode(data)
}

// name returns s from memory when it was seen before, so that a batch does not
// hold a thousand copies of "doc_approval".
func (d *Decoder) name(s string) string {
	if len(s) > maxNameKept {
		return s
	}
	if known, ok := d.names[s]; ok {
		return known
	}
	if d.names == nil || len(d.names) >= maxNames {
		d.names = make(map[string]string)
	}
	s = string([]byte(s)) // on its own, not a part of its message
	d.names[s] = s
	return s
}

func (d *Decoder) newTask() *Task {
	if len(d.tasks) == 0 {
		d.tasks = make([]Task, taskChunk)
	}
	t := &d.tasks[0]
	d.tasks = d.tasks[1:]
	return t
}

// parser reads text, which is valid UTF-8, from position at on. Each method
// reports false where it meets something that it does not know.
type parser struct {
	decoder *Decoder
	text    string
	at      int
}

func (p *parser) event() (Event, bool) {
	var (
		e                        Event
		task                     Task
		specversion, media, when string
		hasData                  bool
	)
	ok := p.object(func(key string) bool {
		switch key {
		case "specversion":
			return p.string(&specversion)
		case "id":
			return p.string(&e.ID)
		case "source":
			return p.nameInto(&e.Source)
		case "type":
			return p.nameInto((*string)(&e.Type))
		case "time":
			return p.string(&when)
		case "datacontenttype":
			return p.string(&media)
		case "sequence":
			return p.nameInto(&e.Sequence)
		case "data":
			hasData = true
			return p.task(&task)
		}
		return false
	})
	if !ok || !p.end() || !hasData || e.Type != TypeTask || specversion != "1.0" || (media != "" && media != "application/json") {
		return Event{}, false
	}
	if when != "" {
		t, ok := parseTime(when)
		if !ok {
			return Event{}, false
		}
		e.Time = utcMillis(t)
	}
	e.Task = p.decoder.newTask()
	*e.Task = task
	return e, true
}

func (p *parser) task(t *Task) bool {
	return p.object(func(key string) bool {
		switch key {
		case "process":
			return p.nameInto(&t.Process)
		case "case_id":
			return p.string(&t.CaseID)
		case "stage":
			return p.nameInto(&t.Stage)
		case "action":
			return p.nameInto((*string)(&t.Action))
		case "department":
			return p.nameInto(&t.Department)
		case "actor":
			return p.nameInto(&t.Actor)
		case "actor_department":
			return p.nameInto(&t.ActorDepartment)
		case "due_at":
			return p.timeInto(&t.DueAt)
		case "attributes":
			return p.attributes(&t.Attributes)
		}
		return false
	})
}

// attributes reads a map of texts, or remembers one with the same JSON text.
func (p *parser) attributes(into *map[string]string) bool {
	p.space()
	start := p.at
	// Up to the first brace is the whole of it, unless a text holds a brace; then nothing is remembered by that.
	if length := strings.IndexByte(p.text[start:], '}') + 1; length > 0 {
		if known, ok := p.decoder.attributes[p.text[start:start+length]]; ok {
			p.at += length
			*into = known
			return true
		}
	}
	found := make(map[string]string)
	ok := p.object(func(key string) bool {
		var value string
		if !p.string(&value) {
			return false
		}
		found[p.decoder.name(key)] = p.decoder.name(value)
		return true
	})
	if !ok {
		return false
	}
	*into = found
	if p.at-start > maxKept {
		return true
	}
	if p.decoder.attributes == nil || len(p.decoder.attributes) >= maxRemembered {
		p.decoder.attributes = make(map[string]map[string]string)
	}
	p.decoder.attributes[string([]byte(p.text[start:p.at]))] = found
	return true
}

// maxMembers is how many members of an object the parser tells apart.
const maxMembers = 16

// object reads an object and calls member with each name, at the start of the
// value. A name that occurs twice is unusual.
func (p *parser) object(member func(name string) bool) bool {
	if !p.take('{') {
		return false
	}
	var seen [maxMembers]string
	for n := 0; ; n++ {
		if p.take('}') {
			return n == 0 // a comma before it would be wrong
		}
		var name string
		if n == maxMembers || !p.string(&name) || !p.take(':') {
			return false
		}
		if slices.Contains(seen[:n], name) {
			return false
		}
		seen[n] = name
		if !member(name) {
			return false
		}
		if p.take('}') {
			return true
		}
		if !p.take(',') {
			return false
		}
		if p.space(); p.at < len(p.text) && p.text[p.at] == '}' {
			return false
		}
	}
}

// string reads a text without escapes; what it returns shares the message's memory.
func (p *parser) string(into *string) bool {
	if !p.take('"') {
		return false
	}
	start := p.at
	for ; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == '"':
			*into = p.text[start:p.at]
			p.at++
			return true
		case c == '\\' || c < ' ':
			return false
		}
	}
	return false
}

func (p *parser) nameInto(into *string) bool {
	if !p.string(into) {
		return false
	}
	*into = p.decoder.name(*into)
	return true
}

func (p *parser) timeInto(into *time.Time) bool {
	var text string
	if !p.string(&text) {
		return false
	}
	t, ok := parseTime(text)
	*into = utcMillis(t)
	return ok
}

// take skips white space and one byte, when it is c.
func (p *parser) take(c byte) bool {
	p.space()
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *parser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

func (p *parser) end() bool {
	p.space()
	return p.at == len(p.text)
}
