package handbook

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"go.yaml.in/yaml/v3"
)

// A handbook's file holds one YAML document a version, the oldest first. A
// later one says only what changes, so that it can be read as the change and
// nobody has to look for it in two copies of a whole handbook. What it leaves out
// stays as it was.

// documents reads the trees of all documents of data. The trees are read beside
// the values because they alone know the lines.
func documents(data []byte) ([]*yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var all []*yaml.Node
	for {
		var doc yaml.Node
		switch err := dec.Decode(&doc); {
		case errors.Is(err, io.EOF) && len(all) == 0:
			return nil, mistake(1, "the file is empty; start from the handbook that \"officepulse check --example\" prints")
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, foreign(err.Error())
		}
		all = append(all, resolve(doc.Content[0]))
	}
}

// entryLists are the lists whose entries have keys: a later version replaces
// and adds entries. All other values it replaces as a whole.
var entryLists = []string{"departments", "roles", "processes", "fault_kinds", "classes", "questionnaires"}

// own are what no version takes over from the one before.
var own = []string{"version", "from"}

// inherit is a version whole: the one before with what the next one changes.
func inherit(before, next *yaml.Node) *yaml.Node {
	whole := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: before.Line}
	for i := 0; i+1 < len(before.Content); i += 2 {
		if !slices.Contains(own, before.Content[i].Value) {
			whole.Content = append(whole.Content, before.Content[i], before.Content[i+1])
		}
	}
	return change(whole, next, entryLists, func(before, next *yaml.Node) *yaml.Node {
		// Within an entry, limits have keys too. A limit is replaced whole: it has one
		// form, and the old one must not linger.
		return change(clone(before), next, []string{"limits"}, func(_, next *yaml.Node) *yaml.Node { return next })
	})
}

func clone(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = slices.Clone(n.Content)
	return &c
}

// change sets in a mapping what next has; entries of the lists named are
// changed one by one.
func change(into, next *yaml.Node, lists []string, entry func(before, next *yaml.Node) *yaml.Node) *yaml.Node {
	for i := 0; i+1 < len(next.Content); i += 2 {
		key, value := next.Content[i], resolve(next.Content[i+1])
		at := place(into, key.Value)
		if at < 0 {
			into.Content = append(into.Content, key, value)
			continue
		}
		if old := resolve(into.Content[at]); slices.Contains(lists, key.Value) && old.Kind == yaml.SequenceNode && value.Kind == yaml.SequenceNode {
			value = changeEntries(old, value, entry)
		}
		into.Content[at-1], into.Content[at] = key, value
	}
	return into
}

// place is the index of a key's value in a mapping, -1 when it is not there.
func place(mapping *yaml.Node, key string) int {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return i + 1
		}
	}
	return -1
}

// changeEntries replaces entries by their key, takes out those marked as
// removed and adds new ones at the end. An entry that comes twice is added, for
// the check to find.
func changeEntries(before, next *yaml.Node, entry func(before, next *yaml.Node) *yaml.Node) *yaml.Node {
	whole := clone(before)
	whole.Line = next.Line
	changed := make(map[string]bool)
	for _, n := range next.Content {
		key := scalar(resolve(n), "key")
		at := slices.IndexFunc(whole.Content, func(old *yaml.Node) bool { return scalar(resolve(old), "key") == key })
		switch {
		case key == "" || at < 0 || changed[key]:
			whole.Content = append(whole.Content, n)
		case scalar(resolve(n), "removed") == "true":
			whole.Content = slices.Delete(whole.Content, at, at+1)
		default:
			whole.Content[at] = entry(resolve(whole.Content[at]), resolve(n))
			whole.Content[at].Line = n.Line
		}
		changed[key] = true
	}
	return whole
}

// scalar is the value of a key in a mapping, "" when there is none.
func scalar(mapping *yaml.Node, key string) string {
	if mapping.Kind != yaml.MappingNode {
		return ""
	}
	if at := place(mapping, key); at >= 0 {
		return resolve(mapping.Content[at]).Value
	}
	return ""
}
