package event

import (
	"errors"
	"strings"
)

// ErrInvalid is matched by every error that says "these bytes are no event":
// sending them again cannot help. It tells them from errors of the way.
var ErrInvalid = errors.New("invalid event")

// Problem is one thing wrong with an event.
type Problem struct {
	Pointer string `json:"pointer"` // JSON pointer (RFC 6901) into the event, "" for the whole of it
	Detail  string `json:"detail"`  // what is wrong and what would be right
}

// InvalidError lists everything that is wrong with one event.
type InvalidError struct {
	Problems []Problem
}

// Error joins the problems into one line.
func (e *InvalidError) Error() string {
	parts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		parts[i] = strings.TrimSpace(strings.TrimPrefix(p.Pointer, "/") + " " + p.Detail)
	}
	return strings.Join(parts, "; ")
}

// Is reports whether target is [ErrInvalid].
func (e *InvalidError) Is(target error) bool { return target == ErrInvalid }

func invalid(pointer, detail string) error {
	return &InvalidError{Problems: []Problem{{Pointer: pointer, Detail: detail}}}
}
