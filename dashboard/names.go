package dashboard

import (
	"strings"

	"example.com/officepulse/analytics/handbook"
)

// names says what the handbook calls a key in one language; a key that it does
// not know is its own name.
type names struct {
	handbook *handbook.Handbook
	language string
}

func (n names) in(text handbook.Text, key string) string {
	if name := text.In(n.language); name != "" {
		return name
	}
	return key
}

func (n names) process(key string) string {
	p, _ := n.handbook.Process(key)
	return n.in(p.Name, key)
}

func (n names) department(key string) string {
	d, _ := n.handbook.Department(key)
	return n.in(d.Name, key)
}

// stages are the stages of a process in the handbook's order.
func (n names) stages(process string) []handbook.Stage {
	p, _ := n.handbook.Process(process)
	return p.Stages
}

func (n names) stage(process, key string) string {
	p, _ := n.handbook.Process(process)
	s, _ := p.Stage(key)
	return n.in(s.Name, key)
}

func (n names) kind(key string) string {
	kind, _ := n.handbook.FaultKind(key)
	return n.in(kind.Name, key)
}

func (n names) class(key string) string {
	class, _ := n.handbook.Class(key)
	return n.in(class.Name, key)
}

// plain keeps a name from being taken for a function: go-echarts marks
// JavaScript in its options with __f__.
func plain(name string) string { return strings.ReplaceAll(name, "__f__", "_f_") }
