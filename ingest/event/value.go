package event

import (
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Value is the answer to one question: a number (scores, levels), a text, or
// the keys of the chosen options. The zero Value is the number 0.
type Value struct {
	kind    valueKind
	number  float64
	text    string
	choices []string
}

type valueKind uint8

const (
	kindNumber valueKind = iota
	kindText
	kindChoices
)

// Number makes the answer to a question on a scale.
func Number(f float64) Value { return Value{kind: kindNumber, number: f} }

// Text makes the answer to an open question.
func Text(s string) Value { return Value{kind: kindText, text: s} }

// Choices makes the answer to a question with several options, in the
// respondent's order.
func Choices(keys ...string) Value { return Value{kind: kindChoices, choices: keys} }

// Number returns the number and whether v is one.
func (v Value) Number() (float64, bool) { return v.number, v.kind == kindNumber }

// Text returns the text and whether v is one.
func (v Value) Text() (string, bool) { return v.text, v.kind == kindText }

// Choices returns the chosen keys and whether v holds such.
func (v Value) Choices() ([]string, bool) { return v.choices, v.kind == kindChoices }

func (v Value) size() int {
	n := len(v.text)
	for _, c := range v.choices {
		n += len(c)
	}
	return n
}

// MarshalJSONTo writes v as a JSON number, string or array of strings.
func (v Value) MarshalJSONTo(enc *jsontext.Encoder) error {
	switch v.kind {
	case kindText:
		return enc.WriteToken(jsontext.String(v.text))
	case kindChoices:
		return json.MarshalEncode(enc, v.choices)
	default:
		return enc.WriteToken(jsontext.Float(v.number))
	}
}

// UnmarshalJSONFrom reads a JSON number, string or array of strings.
func (v *Value) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	switch dec.PeekKind() {
	case '0':
		v.kind = kindNumber
		return json.UnmarshalDecode(dec, &v.number)
	case '"':
		v.kind = kindText
		return json.UnmarshalDecode(dec, &v.text)
	case '[':
		v.kind = kindChoices
		return json.UnmarshalDecode(dec, &v.choices)
	default:
		if err := dec.SkipValue(); err != nil {
			return err
		}
		return errors.New("an answer is a number, a text or a list of texts")
	}
}
