package mail

import (
	"bytes"
	"embed"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"time"

	"example.com/officepulse/surveys/questionnaire"
)

// Kind is why a letter is written.
type Kind string

// The kinds.
const (
	Invitation Kind = "invitation"
	Reminder   Kind = "reminder"
)

// Letter asks one person for an answer.
type Letter struct {
	Kind      Kind
	To        string // address
	Language  string // "zh" or "en": which of the two comes first
	Title     questionnaire.Text
	Link      string    // the personal one
	Closes    time.Time // in the office's zone
	Anonymous bool
}

//go:embed letter.*.txt letter.html
var files embed.FS

// words are the templates of a letter: a text for each language, and one HTML
// page that holds the texts as paragraphs.
type words struct {
	text map[string]*texttemplate.Template // by language
	html *htmltemplate.Template
}

func loadWords() (*words, error) {
	w := &words{text: make(map[string]*texttemplate.Template)}
	for _, language := range []string{"zh", "en"} {
		t, err := texttemplate.ParseFS(files, "letter."+language+".txt")
		if err != nil {
			return nil, fmt.Errorf("read the words of a letter: %w", err)
		}
		w.text[language] = t
	}
	html, err := htmltemplate.ParseFS(files, "letter.html")
	if err != nil {
		return nil, fmt.Errorf("read the page of a letter: %w", err)
	}
	w.html = html
	return w, nil
}

// part is a letter in one language.
type part struct {
	Language, Subject, Button string
	Paragraphs                []string
}

// say writes a letter in both languages, the reader's own first.
func (w *words) say(l *Letter) (subject, text, html string, err error) {
	order := []string{"zh", "en"}
	if l.Language == "en" {
		order = []string{"en", "zh"}
	}
	var parts []part
	var subjects, texts []string
	for _, language := range order {
		p, body, err := w.part(l, language)
		if err != nil {
			return "", "", "", err
		}
		parts, subjects, texts = append(parts, p), append(subjects, p.Subject), append(texts, body)
	}
	var page bytes.Buffer
	err = w.html.Execute(&page, map[string]any{"Parts": parts, "Link": l.Link, "Language": order[0]})
	if err != nil {
		return "", "", "", fmt.Errorf("write a letter: %w", err)
	}
	return strings.Join(subjects, " · "), strings.Join(texts, "\n\n—\n\n") + "\n", page.String(), nil
}

// part fills a text in: its first line is the subject, its last the button's
// words; what lies between are the paragraphs.
func (w *words) part(l *Letter, language string) (p part, body string, err error) {
	closes := l.Closes.Format("2006-01-02 15:04")
	if language == "zh" {
		closes = l.Closes.Format("2006年1月2日15:04")
	}
	var b strings.Builder
	err = w.text[language].Execute(&b, map[string]any{
		"Reminder": l.Kind == Reminder, "Title": oneLine(l.Title.In(language)), "Closes": closes, "Anonymous": l.Anonymous,
	})
	if err != nil {
		return part{}, "", fmt.Errorf("write a letter: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	var paragraphs []string
	for _, line := range lines[1 : len(lines)-1] {
		if line != "" {
			paragraphs = append(paragraphs, line)
		}
	}
	p = part{Language: language, Subject: lines[0], Button: lines[len(lines)-1], Paragraphs: paragraphs}
	// The link stands on a line of its own, where mail programs do not break it.
	return p, strings.Join(paragraphs, "\n\n") + "\n\n" + p.Button + ":\n" + l.Link, nil
}

// oneLine keeps a title from beginning a header, or a line, of its own.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
