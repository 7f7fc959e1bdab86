// Package i18n holds the words of the pages. A message key and values go in, a
// sentence in Chinese or English comes out; the messages lie in one YAML file a
// language, which are the same in keys and placeholders (tested).
package i18n

import (
	"embed"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"
)

//go:embed zh.yaml en.yaml
var files embed.FS

// Language is one that the pages speak.
type Language string

// The languages; Chinese is the one that holds when nothing else is asked for.
const (
	Chinese Language = "zh"
	English Language = "en"
)

// Other is the language that the switch leads to.
func (l Language) Other() Language {
	if l == English {
		return Chinese
	}
	return English
}

// Parse reads a language's key, "zh" or "en".
func Parse(key string) (l Language, ok bool) {
	l = Language(key)
	return l, l == Chinese || l == English
}

// Catalogue is every message in every language. It is immutable.
type Catalogue map[Language]map[string]string

// Load reads the embedded messages; an error means that the program was built wrongly.
func Load() (Catalogue, error) {
	c := Catalogue{}
	for _, l := range []Language{Chinese, English} {
		text, err := files.ReadFile(string(l) + ".yaml")
		if err != nil {
			return nil, fmt.Errorf("read messages of %s: %w", l, err)
		}
		var tree map[string]any
		if err := yaml.Unmarshal(text, &tree); err != nil {
			return nil, fmt.Errorf("parse messages of %s: %w", l, err)
		}
		c[l] = map[string]string{}
		flatten(c[l], "", tree)
	}
	return c, nil
}

func flatten(into map[string]string, prefix string, tree map[string]any) {
	for key, value := range tree {
		switch v := value.(type) {
		case map[string]any:
			flatten(into, prefix+key+".", v)
		default:
			into[prefix+key] = fmt.Sprint(v)
		}
	}
}

// In returns the messages of one language.
func (c Catalogue) In(l Language) Messages {
	return Messages{Language: l, texts: c[l]}
}

// Messages are those of one language.
type Messages struct {
	Language Language
	texts    map[string]string
}

// T returns the message of a key with its {placeholders} filled from pairs of
// name and value. An unknown key comes back itself, so that it is seen.
func (m Messages) T(key string, pairs ...any) string {
	text, ok := m.texts[key]
	if !ok {
		return key
	}
	if len(pairs) == 0 {
		return text
	}
	values := make(map[string]string, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		values[fmt.Sprint(pairs[i])] = fmt.Sprint(pairs[i+1])
	}
	return fill(text, values)
}

var placeholder = regexp.MustCompile(`\{[a-z0-9_]+\}`)

// fill puts values in the place of their names. Between a Latin letter and a
// Chinese character there is a space, as Chinese typesetting wants it; inside a
// value nothing changes.
func fill(text string, values map[string]string) string {
	var b strings.Builder
	end := 0
	var last rune // written
	write := func(s string) {
		first, _ := utf8.DecodeRuneInString(s)
		if meet(last, first) {
			b.WriteByte(' ')
		}
		b.WriteString(s)
		if s != "" {
			last, _ = utf8.DecodeLastRuneInString(s)
		}
	}
	for _, at := range placeholder.FindAllStringIndex(text, -1) {
		value, ok := values[text[at[0]+1:at[1]-1]]
		if !ok {
			continue
		}
		write(text[end:at[0]])
		write(value)
		end = at[1]
	}
	write(text[end:])
	return b.String()
}

// meet reports whether one of two neighbours is a Latin letter and the other Chinese.
func meet(a, b rune) bool {
	return unicode.Is(unicode.Latin, a) && unicode.Is(unicode.Han, b) || unicode.Is(unicode.Han, a) && unicode.Is(unicode.Latin, b)
}

// Has reports whether there is a message of this key.
func (m Messages) Has(key string) bool {
	_, ok := m.texts[key]
	return ok
}

// Accepted picks the language from an Accept-Language header; Chinese when the
// header is absent, unreadable or asks for neither.
func Accepted(header string) Language {
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return Chinese
	}
	// Not language.Matcher: it counts English as near to French, Chinese as far.
	for _, tag := range tags {
		base, _ := tag.Base()
		if l, ok := Parse(base.String()); ok {
			return l
		}
	}
	return Chinese
}
