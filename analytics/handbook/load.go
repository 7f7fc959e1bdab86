package handbook

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.yaml.in/yaml/v3"
)

//go:embed default.yaml
var defaultYAML []byte

// Example returns the file of the handbook that comes with the program, for an
// office to begin its own with.
func Example() []byte { return bytes.Clone(defaultYAML) }

// Default returns the handbook that comes with the program, the office of the
// demo story, in its latest version whatever today's date is. Every call returns
// one of its own.
func Default() *Handbook {
	h, err := ParseHistory(defaultYAML, nil)
	if err != nil {
		panic("default.yaml is part of the program and tested with it: " + err.Error())
	}
	return h.Latest()
}

// Load reads a handbook from a file and returns the version in force now; the
// others are in its [Handbook.History]. Mistakes come as one error, each with
// its line, see [Parse].
func Load(path string) (*Handbook, error) {
	h, err := LoadHistory(path)
	if err != nil {
		return nil, fmt.Errorf("handbook %s:\n%w", path, err)
	}
	return h.At(time.Now()), nil
}

// LoadHistory reads a handbook with all its versions from a file, and the year
// files that it names from the same folder or below. A file that cannot be read
// is an [*fs.PathError]; mistakes are as in [Parse].
func LoadHistory(path string) (*History, error) {
	path = filepath.Clean(path)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the handbook: %w", err)
	}
	return ParseHistory(data, os.DirFS(filepath.Dir(path)))
}

// Parse reads a handbook that names no year files, checks it whole and returns
// its latest version. The error joins one [LineError] for every mistake, in order
// of line.
func Parse(data []byte) (*Handbook, error) {
	h, err := ParseHistory(data, nil)
	if err != nil {
		return nil, err
	}
	return h.Latest(), nil
}

// ParseHistory reads a handbook with all its versions; year files are read from
// files, nil when there are none. The error is as that of [Parse].
func ParseHistory(data []byte, files fs.FS) (*History, error) {
	docs, err := documents(data)
	if err != nil {
		return nil, err
	}
	r := reader{files: files, unread: make(map[int]bool), told: make(map[LineError]bool)}
	if err := r.strictly(data, len(docs)); err != nil {
		return nil, err
	}
	for _, doc := range docs {
		if doc.Kind != yaml.MappingNode {
			if len(r.found) == 0 { // the decoder takes null for anything
				r.tell(mistake(doc.Line, "expected a block of keys and values; write version: and what else belongs to a handbook, or take out the ---"))
			}
			return nil, r.err()
		}
	}
	history := r.versions(docs)
	if err := r.err(); err != nil {
		return nil, err
	}
	return history, nil
}

// reader reads a file's documents into versions and gathers what is wrong.
type reader struct {
	files  fs.FS
	found  []LineError
	told   map[LineError]bool // later versions inherit mistakes: each is told once
	unread map[int]bool       // lines whose value has the wrong type
}

func (r *reader) tell(m LineError) {
	if !r.told[m] {
		r.told[m] = true
		r.found = append(r.found, m)
	}
}

// strictly reads the documents one by one for the decoder's complaints:
// unknown keys, values of the wrong type. What it reads is thrown away, for a
// later version is whole only with what it inherits.
func (r *reader) strictly(data []byte, documents int) error {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	for range documents {
		var hb Handbook
		err := dec.Decode(&hb)
		if err == nil {
			continue
		}
		types, ok := errors.AsType[*yaml.TypeError](err)
		if !ok {
			return foreign(err.Error())
		}
		for _, text := range types.Errors {
			m := foreign(text)
			r.unread[m.Line] = r.unread[m.Line] || isWrongType(text)
			r.tell(m)
		}
	}
	return nil
}

// versions decodes and checks the documents, each with what it inherits.
func (r *reader) versions(docs []*yaml.Node) *History {
	history := &History{}
	var whole *yaml.Node
	for i, doc := range docs {
		if i == 0 {
			whole = doc
		} else {
			whole = inherit(whole, doc)
		}
		hb := &Handbook{history: history}
		if err := whole.Decode(hb); err != nil && !isTypeError(err) { // those are told already
			r.tell(foreign(err.Error()))
			return nil
		}
		// Not taken over, so the merged tree does not have them where they stand.
		c := checker{reader: r, root: doc}
		c.version(hb, history)
		c.root = whole
		c.check(hb)
		history.versions = append(history.versions, hb)
	}
	c := checker{reader: r, root: whole}
	c.manyHours(history)
	return history
}
