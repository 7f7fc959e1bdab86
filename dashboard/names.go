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
	for _, p := range n.handbook.Processes {
		if p.Key == key {
			return n.in(p.Name, key)
		}
	}
	return key
}

func (n names) department(key string) string {
	for _, d := range n.handbook.Departments {
		if d.Key == key {
			return n.in(d.Name, key)
		}
	}
	return key
}

// stages are the stages of a process in the handbook's order.
func (n names) stages(process string) []handbook.Stage {
	for _, p := range n.handbook.Processes {
		if p.Key == process {
			return p.Stages
		}
	}
	return nil
}

func (n names) stage(process, key string) string {
	for _, s := range n.stages(process) {
		if s.Key == key {
			return n.in(s.Name, key)
		}
	}
	return key
}

func (n names) kind(key string) string { return n.named(n.handbook.FaultKinds, key) }

func (n names) class(key string) string { return n.named(n.handbook.Classes, key) }

func (n names) named(list []handbook.Named, key string) string {
	for _, item := range list {
		if item.Key == key {
			return n.in(item.Name, key)
		}
	}
	return key
}

// plain keeps a name from being taken for a function: go-echarts marks
// JavaScript in its options with __f__.
func plain(name string) string { return strings.ReplaceAll(name, "__f__", "_f_") }
