package form

import (
	"fmt"
	"io"
	"net/url"

	"example.com/officepulse/dashboard/i18n"
	"example.com/officepulse/surveys/invitation"
	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/wave"
)

// Preview writes the page that people would see of a questionnaire. Nothing can
// be sent from it. Its policy is that of any page which loads files of this
// server only.
func Preview(w io.Writer, q *questionnaire.Questionnaire, language i18n.Language) error {
	built, err := loadSite()
	if err != nil {
		return err
	}
	words := built.messages.In(language)
	v := visit{words: words, link: &invitation.Invitation{}, wave: &wave.Wave{Anonymous: true}, questions: q}
	title := q.Title.In(string(language))
	p := page{
		Messages: words, CSS: built.url("form.css"), Script: built.url("form.js"), Title: title, Heading: title,
		Intro: q.Intro.In(string(language)), Place: q.ID(), Preview: true, Questions: v.ask(url.Values{}, nil),
	}
	if err := built.templates.ExecuteTemplate(w, "form", p); err != nil {
		return fmt.Errorf("show questionnaire %s: %w", q.ID(), err)
	}
	return nil
}
