package groupchat

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"example.com/officepulse/surveys/invitation"
	"example.com/officepulse/surveys/questionnaire"
)

// ErrPersonal is returned for a personal link on its way into a group, where
// whoever opens it first would answer in another's place.
var ErrPersonal = errors.New("a personal link does not go into a group")

// OpenLink is the link of a department, for all of it. It cannot be made of a
// personal invitation, and a [Notice] takes no other.
type OpenLink struct{ url string }

// Open makes the link of a department under the address of the forms, e.g.
// https://office.example.com/s/. Of a personal invitation it is an [ErrPersonal].
func Open(forms *url.URL, i *invitation.Invitation, secret invitation.Secret) (OpenLink, error) {
	if i.Kind != invitation.Department {
		return OpenLink{}, ErrPersonal
	}
	return OpenLink{url: forms.JoinPath(i.Code(secret)).String()}, nil
}

// Notice is what a group is told. Its parts are not exported, so that everything
// in it has passed [NewNotice].
type Notice struct {
	title  questionnaire.Text
	closes time.Time
	link   OpenLink
}

// NewNotice announces a wave. A title that carries a personal link of this
// service, by accident or not, is an [ErrPersonal] too.
func NewNotice(title questionnaire.Text, closes time.Time, link OpenLink, secret invitation.Secret) (Notice, error) {
	if link.url == "" {
		return Notice{}, errors.New("a notice needs a link")
	}
	for _, text := range []string{title.ZH, title.EN} {
		if carriesPersonal(text, secret) {
			return Notice{}, fmt.Errorf("the title of the survey: %w", ErrPersonal)
		}
	}
	return Notice{title: title, closes: closes, link: link}, nil
}

// carriesPersonal looks at every run of characters that a link's code can have.
func carriesPersonal(text string, secret invitation.Secret) bool {
	if decoded, err := url.PathUnescape(text); err == nil && decoded != text && carriesPersonal(decoded, secret) {
		return true
	}
	for run := range strings.FieldsFuncSeq(text, func(r rune) bool {
		letter := r|0x20 >= 'a' && r|0x20 <= 'z'
		return !letter && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
	}) {
		i, err := invitation.Parse(strings.Trim(run, "."), secret)
		if err == nil && i.Kind == invitation.Personal {
			return true
		}
	}
	return false
}

// lines are the notice in both languages, the title of each first.
func (n Notice) lines() []string {
	return []string{
		oneLine(n.title.In("zh")), "截止时间：" + n.closes.Format("2006年1月2日15:04") + "。部门共用链接，每人请只填一次：",
		oneLine(n.title.In("en")), "Closes on " + n.closes.Format("2006-01-02 15:04") + ". The link is shared by the department; please answer once:",
	}
}

func (n Notice) message() Message {
	return Message{Heading: n.heading(), Lines: n.lines(), Link: n.link.url}
}

func (n Notice) heading() string { return oneLine(n.title.In("zh")) }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
