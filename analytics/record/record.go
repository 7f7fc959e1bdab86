// Package record is what everything has in common that the director decides and
// that is kept for ever, such as a target or a process change: a key, a number
// that counts its revisions, and who made the latest one, when and why. Somebody's
// deed goes in, the next revision or a list of refusals comes out.
package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// ErrOvertaken is matched by errors that say that somebody else was faster: what
// was changed is not the newest any more.
var ErrOvertaken = errors.New("somebody else has changed this meanwhile; look at it as it is now, and do it again if it is still needed")

// ErrAway is matched by errors that say that the database did not answer, so
// that the outcome is unknown; doing the same again is safe.
var ErrAway = errors.New("the database does not answer at the moment; try again in a minute")

// ErrUnknown is matched by errors that say that there is no record of a key.
var ErrUnknown = errors.New("there is no such record")

// Stamp is what every record has. A record embeds it.
type Stamp struct {
	Key      string `json:"key"`
	Revision uint64 `json:"revision"` // from 1
	Change   Act    `json:"change"`   // that led to this revision
}

// Stamped is the stamp itself, so that a record that embeds one is a [Record].
func (s *Stamp) Stamped() *Stamp { return s }

// Record is what is kept: JSON that embeds a [Stamp].
type Record interface{ Stamped() *Stamp }

// Act says who made a revision, when, what was done and why.
type Act struct {
	Deed   string    `json:"deed"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
	What   []string  `json:"what,omitempty"` // names of the parts that differ, as in JSON
}

// By is who acts.
type By struct {
	Author string
	Reason string // may be empty where the deed says enough
	At     time.Time
}

// Bounds of what a record may hold.
const (
	MaxName = 200  // characters of a name
	MaxText = 2000 // characters of a longer text
	maxKey  = 63
)

// Code names why a deed is refused, for who says it in another language.
type Code string

// RefusedError says why a deed is refused and what to do instead.
type RefusedError struct {
	Code  Code
	Field string // that it is about, as in JSON
	Text  string
}

// Error is the reason with the remedy.
func (r *RefusedError) Error() string { return r.Text }

// Refuse makes a refusal.
func Refuse(code Code, field, format string, values ...any) *RefusedError {
	return &RefusedError{Code: code, Field: field, Text: fmt.Sprintf(format, values...)}
}

// Refusals are all refusals in an error, in order; none when it is another error.
func Refusals(err error) []*RefusedError {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*RefusedError
		for _, one := range joined.Unwrap() {
			all = append(all, Refusals(one)...)
		}
		return all
	}
	if refusal, ok := errors.AsType[*RefusedError](err); ok {
		return []*RefusedError{refusal}
	}
	return nil
}

// Codes of what is common to all records.
const (
	NoAuthor   Code = "author"
	NoReason   Code = "reason"
	BadKey     Code = "key"
	NoName     Code = "name"
	TooLong    Code = "too_long"
	WrongState Code = "state" // the deed does not fit what has become of the record
	Unreadable Code = "unreadable"
)

// Check collects what is wrong with a draft.
type Check struct{ faults []error }

// That refuses what does not hold.
func (c *Check) That(holds bool, code Code, field, format string, values ...any) {
	if !holds {
		c.faults = append(c.faults, Refuse(code, field, format, values...))
	}
}

// Text refuses a text that is too long or no text.
func (c *Check) Text(field, text string, most int) {
	c.That(utf8.RuneCountInString(text) <= most, TooLong, field, "%s is longer than %d characters; say it shorter", field, most)
	c.That(utf8.ValidString(text) && !strings.ContainsRune(text, 0), Unreadable, field, "%s is no text; write it anew", field)
}

// Add takes over refusals made elsewhere.
func (c *Check) Add(list ...*RefusedError) {
	for _, r := range list {
		c.faults = append(c.faults, r)
	}
}

// Err is everything that was refused; nil when nothing was.
func (c *Check) Err() error { return errors.Join(c.faults...) }

// Key refuses what cannot name a record in a URL.
func (c *Check) Key(key string) {
	c.That(isKey(key), BadKey, "key", "%.80q cannot be a key: 1 to %d small letters, digits, - and _, beginning with a letter or digit", key, maxKey)
}

func isKey(key string) bool {
	if key == "" || len(key) > maxKey || key[0] == '-' || key[0] == '_' || key == "new" {
		return false
	}
	for _, r := range key {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return false
		}
	}
	return true
}

// By refuses a deed that nobody does or, where a reason is needed, for no reason.
func (c *Check) By(by By, reasonNeeded bool) {
	c.That(strings.TrimSpace(by.Author) != "" && !by.At.IsZero(), NoAuthor, "author", "say who does it")
	c.That(!reasonNeeded || strings.TrimSpace(by.Reason) != "", NoReason, "reason", "say why, so that it can be understood later")
	c.Text("author", by.Author, MaxName)
	c.Text("reason", by.Reason, MaxText)
}

// Next stamps a record as the revision after before; nil: as its first.
func Next(of Record, before Record, deed string, by By) error {
	s := of.Stamped()
	s.Revision = 1
	s.Change = Act{Deed: deed, By: strings.TrimSpace(by.Author), At: by.At.UTC().Truncate(time.Millisecond), Reason: strings.TrimSpace(by.Reason)}
	if before == nil {
		return nil
	}
	s.Revision = before.Stamped().Revision + 1
	what, err := differences(before, of)
	s.Change.What = what
	return err
}

// differences names the parts of two records that are not the same, as in JSON.
func differences(a, b Record) ([]string, error) {
	before, err := parts(a)
	if err != nil {
		return nil, err
	}
	after, err := parts(b)
	if err != nil {
		return nil, err
	}
	names := maps.Clone(before)
	maps.Copy(names, after)
	var what []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if name != "revision" && name != "change" && string(before[name]) != string(after[name]) {
			what = append(what, name)
		}
	}
	return what, nil
}

func parts(of Record) (map[string]json.RawMessage, error) {
	text, err := json.Marshal(of)
	if err != nil {
		return nil, fmt.Errorf("write a record: %w", err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("read a record: %w", err)
	}
	return all, nil
}

// Clone returns a copy of a record that shares nothing with it.
func Clone[T any](of *T) (*T, error) {
	text, err := json.Marshal(of)
	if err != nil {
		return nil, fmt.Errorf("write a record: %w", err)
	}
	c := new(T)
	if err := json.Unmarshal(text, c); err != nil {
		return nil, fmt.Errorf("read a record: %w", err)
	}
	return c, nil
}

// Text is something said in both languages; one of them may be empty.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// In is the text in a language, "zh" or "en", or in the other where it has none.
func (t Text) In(language string) string {
	if t.ZH == "" || language == "en" && t.EN != "" {
		return t.EN
	}
	return t.ZH
}
