package dashboard

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bytes are what somebody sent, whatever it is. In JSON they are a string where
// they are UTF-8, and else {"base64":"…"}: nothing is replaced or left out.
type Bytes string

type base64 struct {
	Base64 []byte `json:"base64"`
}

// MarshalJSON writes either form.
func (b Bytes) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(b)) {
		return json.Marshal(string(b))
	}
	return json.Marshal(base64{[]byte(b)})
}

// UnmarshalJSON reads either form.
func (b *Bytes) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err == nil {
		*b = Bytes(s)
		return nil
	}
	var coded base64
	if err := json.Unmarshal(text, &coded); err != nil {
		return fmt.Errorf("read bytes: %w", err)
	}
	*b = Bytes(coded.Base64)
	return nil
}

// readable reports whether s is text that a page or a terminal can show and a
// form can give back as it was.
func readable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r == utf8.RuneError || unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t'
	})
}

// Preview shows the beginning of s in one line of at most n characters, with
// what cannot be shown escaped as in a Go string (\x00, \u202e).
func Preview(s string, n int) string {
	var b strings.Builder
	for written := 0; s != ""; written++ {
		if written == n {
			b.WriteString("…")
			break
		}
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		s = s[size:]
	}
	return b.String()
}

const (
	shownText = 8 << 10 // bytes of a text that a page shows
	shownDump = 1 << 10 // and of what is none, three times as wide
)

// show returns what a page shows of bytes: the beginning of a text, or a dump
// of what is none, as the command hexdump -C makes it.
func show(s string) (shown string, text, cut bool) {
	if readable(s) {
		if len(s) <= shownText {
			return s, true, false
		}
		return strings.ToValidUTF8(s[:shownText], ""), true, true
	}
	return hex.Dump([]byte(s[:min(len(s), shownDump)])), false, len(s) > shownDump
}

// size writes a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<20:
		return number(float64(n)/(1<<20), 1) + " MiB"
	case n >= 1<<10:
		return number(float64(n)/(1<<10), 1) + " KiB"
	}
	return number(float64(n), 0) + " B"
}

// The deepest JSON that is laid out for editing: laying out grows with the
// square of the depth.
const maxLaidOut = 20

// laidOut is a JSON text on many lines, as people edit it; what is no JSON, or
// is JSON of an unusual shape, stays as it is.
func laidOut(text string) string {
	depth, deepest := 0, 0
	for _, c := range []byte(text) {
		switch c {
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
		case '}', ']':
			depth--
		}
	}
	if deepest > maxLaidOut || strings.Contains(text, "\n") {
		return text
	}
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), "", "  "); err != nil {
		return text
	}
	return b.String()
}
