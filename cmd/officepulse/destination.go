package main

import (
	"errors"
	"net/url"
	"strings"
)

// destination is where a ClickHouse server puts its backups: the name of one of
// its backup engines and that engine's arguments.
type destination struct {
	engine string
	args   []string
	folder int // which argument the name of a backup is added to
}

var errDestination = errors.New("write S3('https://host/bucket/folder','key','secret'), Disk('disk','folder') or File('folder')")

// parseDestination reads the setting backup_destination. What it returns is
// written anew, so nothing else gets into a statement. The error does not quote
// the text, which holds a secret.
func parseDestination(text string) (destination, error) {
	engine, rest, ok := strings.Cut(strings.TrimSpace(text), "(")
	rest, closed := strings.CutSuffix(rest, ")")
	args, err := quotedWords(rest)
	if !ok || !closed || err != nil {
		return destination{}, errDestination
	}
	d := destination{engine: strings.TrimSpace(engine), args: args}
	switch d.engine {
	case "S3":
		u, err := url.Parse(args[0])
		if (len(args) != 1 && len(args) != 3) || err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return destination{}, errDestination
		}
		if u.User != nil || u.RawQuery != "" {
			return destination{}, errors.New("an S3 address takes no user, password or parameters; the key and the secret are arguments of their own")
		}
	case "Disk":
		if len(args) != 2 {
			return destination{}, errDestination
		}
		d.folder = 1
	case "File":
		if len(args) != 1 {
			return destination{}, errDestination
		}
	default:
		return destination{}, errDestination
	}
	return d, nil
}

// quotedWords reads a list such as 'a','it”s'. Quotes may be single or double,
// for shells and YAML have their own ideas; there is at least one word.
func quotedWords(text string) ([]string, error) {
	var words []string
	for {
		text = strings.TrimSpace(text)
		if text == "" || (text[0] != '\'' && text[0] != '"') {
			return nil, errDestination
		}
		quote := text[0]
		var word strings.Builder
		i := 1
		for ; i < len(text); i++ {
			if text[i] != quote {
				word.WriteByte(text[i])
				continue
			}
			if i+1 == len(text) || text[i+1] != quote {
				break
			}
			i++ // written twice: a quote inside
			word.WriteByte(quote)
		}
		if i == len(text) {
			return nil, errDestination
		}
		words = append(words, word.String())
		if text = strings.TrimSpace(text[i+1:]); text == "" {
			return words, nil
		}
		if text[0] != ',' {
			return nil, errDestination
		}
		text = text[1:]
	}
}

// of returns the destination of one backup.
func (d destination) of(name string) destination {
	args := append([]string(nil), d.args...)
	if base := strings.TrimSuffix(args[d.folder], "/"); base != "" {
		name = base + "/" + name
	}
	args[d.folder] = name
	return destination{engine: d.engine, args: args, folder: d.folder}
}

// clause is the destination as a statement takes it, secrets included.
func (d destination) clause() string {
	quoted := make([]string, len(d.args))
	for i, a := range d.args {
		quoted[i] = quoteText(a)
	}
	return d.engine + "(" + strings.Join(quoted, ", ") + ")"
}

// String is the destination for people: without the key and the secret.
func (d destination) String() string {
	shown := destination{engine: d.engine, args: append([]string(nil), d.args...)}
	for i := range d.secrets() {
		shown.args[1+i] = "…"
	}
	return shown.clause()
}

// hide takes the secrets out of what a server says.
func (d destination) hide(text string) string {
	for _, s := range d.secrets() {
		if s != "" {
			text = strings.ReplaceAll(text, s, "…")
		}
	}
	return text
}

func (d destination) secrets() []string {
	if d.engine != "S3" {
		return nil
	}
	return d.args[1:]
}

// quoteText writes a text as ClickHouse reads it.
func quoteText(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// quoteName writes a name as ClickHouse reads it.
func quoteName(s string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(s) + "`"
}
