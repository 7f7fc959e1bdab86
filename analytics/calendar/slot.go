package calendar

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Slot is a stretch of office hours within a day, in seconds since local
// midnight: 0 <= From < To <= 86400. In YAML it reads "08:30-12:00".
type Slot struct {
	From, To int
}

// UnmarshalYAML reads "08:30-12:00".
func (s *Slot) UnmarshalYAML(n *yaml.Node) error {
	begin, end, _ := strings.Cut(n.Value, "-")
	from, ok1 := seconds(begin)
	to, ok2 := seconds(end)
	if !ok1 || !ok2 {
		return fmt.Errorf("line %d: %q is no stretch of office hours; write 08:30-12:00", n.Line, n.Value)
	}
	*s = Slot{From: from, To: to}
	if from >= to {
		return fmt.Errorf("line %d: %q ends before it begins; write the earlier time first, and what crosses midnight on two days", n.Line, n.Value)
	}
	return nil
}

// seconds reads a time of day such as 08:30, up to 24:00.
func seconds(text string) (int, bool) {
	hour, minute, found := strings.Cut(strings.TrimSpace(text), ":")
	h, err1 := strconv.ParseUint(hour, 10, 8)
	m, err2 := strconv.ParseUint(minute, 10, 8)
	n := int(h)*3600 + int(m)*60
	return n, found && err1 == nil && err2 == nil && m < 60 && n <= secondsOfDay
}

const secondsOfDay = 24 * 60 * 60

// Seconds is the length of the slot.
func (s Slot) Seconds() int { return s.To - s.From }

// Length is how many seconds slots have in all.
func Length(slots []Slot) int {
	n := 0
	for _, s := range slots {
		n += s.Seconds()
	}
	return n
}

// checkSlots says why slots cannot be the hours of a day.
func checkSlots(slots []Slot) error {
	if len(slots) == 0 {
		return errors.New("office hours are missing")
	}
	end := 0
	for _, s := range slots {
		if s.From < end || s.To <= s.From || s.To > secondsOfDay {
			return errors.New("office hours overlap or are out of order")
		}
		end = s.To
	}
	return nil
}

func sameSlots(a []Slot) func([]Slot) bool {
	return func(b []Slot) bool { return slices.Equal(a, b) }
}
