package form

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/dashboard/i18n"
	"example.com/officepulse/surveys/invitation"
	"example.com/officepulse/surveys/questionnaire"
)

// page is what the templates show.
type page struct {
	i18n.Messages
	Style       template.CSS // in the page; else
	CSS, Script string       // URLs
	Title       string
	Heading     string
	Kind        string   // of a message: forged, used, thanks …
	Lines       []string // of a message, a paragraph each
	LanguageTo  string   // URL of this page in the other language

	// Of a form.
	Action    string
	Quarter   string
	Place     string // department
	Promises  []string
	Intro     string
	Closes    string
	Ticket    string
	Draft     string // name under which the browser keeps the draft
	Filled    bool   // the form came back: what it holds is newer than a draft
	Preview   bool   // nothing can be sent
	Again     bool   // there is an earlier answer, which this one replaces
	Faults    []faultLine
	Trouble   string // why it could not be sent
	Questions []question

	// Of the page that says thank you.
	Outcome      []string // paragraphs: what came of the last answers
	OutcomeOf    string   // which
	OutcomeReply string   // when there is nothing to tell yet
}

// Tag is the language for the html element.
func (p page) Tag() string {
	if p.Language == i18n.English {
		return "en"
	}
	return "zh-CN"
}

type faultLine struct {
	Href, Text string
}

// question is one as it is shown.
type question struct {
	ID        string
	Type      questionnaire.Type
	Number    int
	Text      string
	Help      string
	Required  bool
	Hint      string // what an answer looks like
	If        string // the condition as JSON, for the script
	IfWords   string // for readers without one
	Fields    []field
	Fault     string
	Least     int // options
	Most      int
	Longest   int
	Described string // ids of what describes the fields

	RequiredWord string
	Chips        []int // of a score
}

// field is an input, or a group of them.
type field struct {
	ID, Name, Label, Value, Fault string

	Choices []choice
}

type choice struct {
	ID, Value, Label string
	Chosen           bool
}

// base is what every page has.
func (s *server) base(c *gin.Context, v visit) page {
	to := url.Values{"lang": {string(v.words.Language.Other())}}
	return page{
		Messages: v.words, Style: s.style, Script: s.url("form.js"),
		LanguageTo: c.Request.URL.Path + "?" + to.Encode(),
	}
}

// page is the form, filled in with what was sent, if anything was.
func (s *server) page(c *gin.Context, v visit, form url.Values, faults []questionnaire.Fault) page {
	language := string(v.words.Language)
	p := s.base(c, v)
	p.Heading, p.Intro = v.wave.Title.In(language), v.questions.Intro.In(language)
	p.Title, p.Place = p.Heading, v.place.Name.In(language)
	p.Action = c.Request.URL.Path + "?lang=" + language
	p.Closes = v.words.T("form.closes", "time", v.wave.Closes.In(s.Zone).Format("2006-01-02 15:04"))
	p.Promises = s.promises(v)
	p.Draft = draftName(v.link)
	p.Ticket = form.Get(ticketField)
	if _, ok := v.link.Number(s.Secret, p.Ticket); !ok {
		p.Ticket = v.link.Ticket(s.Secret, rand.Text())
	}
	p.Questions = v.ask(form, faults)
	for _, f := range faults {
		p.Faults = append(p.Faults, v.faultLine(f))
	}
	if n := len(p.Faults); n > 0 {
		p.Title = v.words.T("form.faults.title", "n", n) + " · " + p.Title
	}
	return p
}

// promises say what is kept of an answer, as it is kept.
func (s *server) promises(v visit) []string {
	switch {
	case v.named():
		return []string{v.words.T("form.promise.named")}
	case v.link.Kind == invitation.Department:
		return []string{v.words.T("form.promise.anonymous"), v.words.T("form.promise.department")}
	default:
		return []string{v.words.T("form.promise.anonymous"), v.words.T("form.promise.once")}
	}
}

// draftName names a draft in the browser. The link cannot be made from it.
func draftName(link *invitation.Invitation) string {
	hash := link.Hash()
	sum := sha256.Sum256(append([]byte("draft"), hash[:]...))
	return "officepulse-draft-" + hex.EncodeToString(sum[:8])
}

// ask makes the questions, with the values of a form.
func (v visit) ask(form url.Values, faults []questionnaire.Fault) []question {
	questions := make([]question, len(v.questions.Questions))
	for i := range v.questions.Questions {
		q := &v.questions.Questions[i]
		questions[i] = v.question(q, form)
		questions[i].Number = i + 1
		for _, f := range faults {
			if f.Question == q.Key {
				questions[i].blame(f, v.fault(f))
			}
		}
	}
	return questions
}

func (v visit) question(q *questionnaire.Question, form url.Values) question {
	language := string(v.words.Language)
	shown := question{
		ID: "q-" + q.Key, Type: q.Type, Text: q.Text.In(language), Help: q.Help.In(language), Required: q.Required,
		Least: q.AtLeast, Most: q.AtMost, Longest: q.MaxLength, Hint: v.hint(q),
	}
	if q.Required {
		shown.RequiredWord = v.words.T("form.required")
	}
	if q.Type == questionnaire.Score {
		shown.Chips = []int{100, 90, 80, 60, 40, 20}
	}
	if shown.Longest == 0 {
		shown.Longest = questionnaire.DefaultMaxLength
	}
	if q.VisibleIf != nil {
		shown.If = conditionJSON(q.VisibleIf)
		shown.IfWords = v.words.T("form.only_if", "condition", v.condition(q.VisibleIf))
	}
	var ids []string
	if shown.Help != "" {
		ids = append(ids, shown.ID+"-help")
	}
	if shown.Hint != "" {
		ids = append(ids, shown.ID+"-hint")
	}
	if shown.If != "" {
		ids = append(ids, shown.ID+"-if")
	}
	shown.Described = strings.Join(ids, " ")
	for _, name := range q.Fields() {
		shown.Fields = append(shown.Fields, v.field(q, name, form))
	}
	return shown
}

// field makes one field of a question.
func (v visit) field(q *questionnaire.Question, name string, form url.Values) field {
	language := string(v.words.Language)
	f := field{ID: fieldID(name), Name: name, Value: form.Get(name)}
	add := func(value, label string) {
		f.Choices = append(f.Choices, choice{ID: f.ID + "-" + value, Value: value, Label: label, Chosen: slices.Contains(form[name], value)})
	}
	switch q.Type {
	case questionnaire.NPS:
		for n := range 11 {
			add(strconv.Itoa(n), strconv.Itoa(n))
		}
	case questionnaire.Level, questionnaire.Matrix:
		for _, step := range q.Levels {
			add(strconv.Itoa(step.Value), step.Text.In(language))
		}
	case questionnaire.Single, questionnaire.Multiple:
		for _, o := range q.Options {
			add(o.Key, o.Text.In(language))
		}
	case questionnaire.Ranking:
		for n := range len(q.Options) {
			add(strconv.Itoa(n+1), v.words.T("form.place", "n", n+1))
		}
	case questionnaire.Score, questionnaire.FreeText:
	}
	if single := q.Type == questionnaire.NPS || q.Type == questionnaire.Level || q.Type == questionnaire.Matrix || q.Type == questionnaire.Single; single && !q.Required {
		// A radio button cannot be let go of; so there is one for no answer.
		f.Choices = append(f.Choices, choice{ID: f.ID + "-none", Label: v.words.T("form.no_answer"), Chosen: f.Value == ""})
	}
	for _, o := range slices.Concat(q.Rows, q.Options) {
		if q.Type == questionnaire.Matrix && name == questionnaire.RowKey(q.Key, o.Key) ||
			q.Type == questionnaire.Ranking && name == questionnaire.RankField(q.Key, o.Key) {
			f.Label = o.Text.In(language)
		}
	}
	return f
}

func fieldID(name string) string { return "f-" + name }

// hint says what an answer looks like.
func (v visit) hint(q *questionnaire.Question) string {
	most := q.AtMost
	if most == 0 {
		most = len(q.Options)
	}
	switch q.Type {
	case questionnaire.Score:
		return v.words.T("form.hint.score")
	case questionnaire.NPS:
		return v.words.T("form.hint.nps")
	case questionnaire.Multiple:
		if q.AtLeast > 1 {
			return v.words.T("form.hint.some", "least", q.AtLeast, "most", most)
		}
		return v.words.T("form.hint.multiple", "most", most)
	case questionnaire.Ranking:
		if q.AtLeast > 0 {
			return v.words.T("form.hint.ranking_some", "least", q.AtLeast)
		}
		return v.words.T("form.hint.ranking")
	case questionnaire.FreeText:
		longest := q.MaxLength
		if longest == 0 {
			longest = questionnaire.DefaultMaxLength
		}
		if v.wave.Anonymous {
			return v.words.T("form.hint.text_anonymous", "most", longest)
		}
		return v.words.T("form.hint.text", "most", longest)
	default:
		return ""
	}
}

// blame puts a fault beside its field, or beside the question.
func (q *question) blame(f questionnaire.Fault, text string) {
	for i := range q.Fields {
		if q.Fields[i].Name == f.Key {
			q.Fields[i].Fault = text
			return
		}
	}
	q.Fault = text
}

func (v visit) fault(f questionnaire.Fault) string {
	return v.words.T("form.fault."+string(f.Reason), "from", f.From, "to", f.To)
}

// faultLine leads to the field that has to be put right.
func (v visit) faultLine(f questionnaire.Fault) faultLine {
	number, text := 0, f.Question
	for i := range v.questions.Questions {
		if q := &v.questions.Questions[i]; q.Key == f.Question {
			number, text = i+1, q.Text.In(string(v.words.Language))
		}
	}
	return faultLine{Href: "#q-" + f.Question, Text: v.words.T("form.faults.line", "number", number, "question", clip(text), "fault", v.fault(f))}
}

const clipRunes = 40

func clip(text string) string {
	if utf8.RuneCountInString(text) <= clipRunes {
		return text
	}
	return string([]rune(text)[:clipRunes-1]) + "…"
}

func conditionJSON(c *questionnaire.Condition) string {
	text, err := json.Marshal(c)
	if err != nil { // a condition is texts and numbers that were read from JSON
		return ""
	}
	return string(text)
}

// condition says in words when a question is asked.
func (v visit) condition(c *questionnaire.Condition) string {
	several := func(all []questionnaire.Condition, joint string) string {
		parts := make([]string, len(all))
		for i := range all {
			parts[i] = v.condition(&all[i])
		}
		return strings.Join(parts, v.words.T(joint))
	}
	switch {
	case len(c.All) > 0:
		return several(c.All, "form.if.and")
	case len(c.Any) > 0:
		return several(c.Any, "form.if.or")
	}
	about := v.about(c.Question)
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	switch {
	case c.Answered != nil && *c.Answered:
		return v.words.T("form.if.answered", "question", about)
	case c.Answered != nil:
		return v.words.T("form.if.unanswered", "question", about)
	case c.AtLeast != nil && c.AtMost != nil:
		return v.words.T("form.if.between", "question", about, "from", number(*c.AtLeast), "to", number(*c.AtMost))
	case c.AtLeast != nil:
		return v.words.T("form.if.at_least", "question", about, "from", number(*c.AtLeast))
	case c.AtMost != nil:
		return v.words.T("form.if.at_most", "question", about, "to", number(*c.AtMost))
	default:
		return v.words.T("form.if.is", "question", about, "options", v.options(c))
	}
}

// about names a question, or a row of one, by its number.
func (v visit) about(key string) string {
	question, row, _ := strings.Cut(key, ".")
	for i := range v.questions.Questions {
		q := &v.questions.Questions[i]
		if q.Key != question {
			continue
		}
		name := v.words.T("form.number", "n", i+1)
		at := slices.IndexFunc(q.Rows, func(r questionnaire.Option) bool { return r.Key == row })
		if at < 0 {
			return name
		}
		return name + v.words.T("quoted", "name", q.Rows[at].Text.In(string(v.words.Language)))
	}
	return key
}

func (v visit) options(c *questionnaire.Condition) string {
	q, ok := v.questions.Question(c.Question)
	if !ok {
		return strings.Join(c.Is, ", ")
	}
	var names []string
	for _, o := range q.Options {
		if slices.Contains(c.Is, o.Key) {
			names = append(names, v.words.T("quoted", "name", o.Text.In(string(v.words.Language))))
		}
	}
	return strings.Join(names, v.words.T("form.if.or"))
}

// message shows a page that says what is the matter and what to do.
func (s *server) message(c *gin.Context, v visit, status int, kind string) {
	p := s.base(c, v)
	p.Kind, p.Heading = kind, v.words.T("form.message."+kind+".title")
	p.Title = p.Heading
	var opens, closes string
	if v.wave != nil {
		opens, closes = s.stamp(v.wave.Opens), s.stamp(v.wave.Ended())
	}
	p.Lines = []string{v.words.T("form.message."+kind+".why", "opens", opens, "closes", closes), v.words.T("form.message." + kind + ".do")}
	if kind == "early" && (v.wave == nil || v.wave.Opens.Before(s.Now())) { // a draft: its times may still change
		p.Lines[0] = v.words.T("form.message.early.draft")
	}
	s.render(c, status, "message", p)
}

func (s *server) stamp(t time.Time) string { return t.In(s.Zone).Format("2006-01-02 15:04") }

// thanks says that the answer is safe, and what came of the last ones.
func (s *server) thanks(c *gin.Context, v visit) {
	language := string(v.words.Language)
	p := s.base(c, v)
	p.Kind, p.Heading = "thanks", v.words.T("form.thanks.title")
	p.Title, p.Draft = p.Heading, draftName(v.link)
	p.Lines = []string{v.words.T("form.thanks.kept")}
	if v.named() {
		p.Lines = append(p.Lines, v.words.T("form.thanks.again", "time", s.stamp(v.wave.Closes)))
	}
	if last := s.Waves.LastPublished(v.wave.Quarter); last != nil {
		p.OutcomeOf = last.Title.In(language)
		for part := range strings.SplitSeq(last.Outcome.In(language), "\n") {
			if part = strings.TrimSpace(part); part != "" {
				p.Outcome = append(p.Outcome, part)
			}
		}
	} else {
		p.OutcomeReply = v.words.T("form.thanks.first")
	}
	s.render(c, http.StatusOK, "message", p)
}
