package handbook

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"example.com/officepulse/analytics/calendar"
)

// Hours are the office hours of a working day, in order and apart.
type Hours []calendar.Slot

// UnmarshalYAML reads a list of "08:30-12:00". It collects what is wrong with
// each entry: the decoder would stop at the first, and the rest of the file
// would go unchecked.
func (h *Hours) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.SequenceNode {
		return wrong(n, "office hours are a list; write [08:30-12:00, 13:30-18:00]")
	}
	var problems yaml.TypeError
	end := 0
	*h = make(Hours, 0, len(n.Content))
	for _, entry := range n.Content {
		var slot calendar.Slot
		if err := slot.UnmarshalYAML(entry); err != nil {
			problems.Errors = append(problems.Errors, err.Error())
			continue
		}
		if slot.From < end {
			problems.Errors = append(problems.Errors,
				fmt.Sprintf("line %d: %q overlaps the hours before it or comes out of order; write the hours of a day in order", entry.Line, entry.Value))
			continue
		}
		end = slot.To
		*h = append(*h, slot)
	}
	if len(problems.Errors) > 0 {
		return &problems
	}
	return nil
}
