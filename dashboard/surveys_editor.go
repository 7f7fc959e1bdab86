package dashboard

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"example.com/officepulse/surveys/questionnaire"
)

// editorContent is the page on which a questionnaire is written.
type editorContent struct {
	Heading  string
	Problems []editorProblem
	Changes  []string // of an edited version, that have to be confirmed
	Key      string
	Fixed    bool // the key of what is edited stays
	Version  int
	Title    questionnaire.Text
	Intro    questionnaire.Text
	Draft    []editorQuestion
	Types    []option
	Reason   string
}

type editorProblem struct {
	Href, Text string
}

// editorQuestion is a question as its fields hold it. Levels, rows and options
// are one a line, their parts between bars.
type editorQuestion struct {
	N       int // from 0
	Number  int // from 1
	Types   []option
	Key     string
	Text    questionnaire.Text
	Help    questionnaire.Text
	Service string
	Weight  string

	Required               bool
	Levels, Rows, Options  string
	AtLeast, AtMost        string
	MaxLength, VisibleIf   string
	Open                   bool // more than the text is shown
	HasLevels, HasOptions  bool
	HasRows, HasText, Last bool
}

const mostQuestions = 100

var questionTypes = []questionnaire.Type{
	questionnaire.Level, questionnaire.Score, questionnaire.NPS, questionnaire.Matrix, questionnaire.Single, questionnaire.Multiple, questionnaire.Ranking, questionnaire.FreeText,
}

// editor shows a questionnaire in fields.
func (v surveyView) editor(q *questionnaire.Questionnaire) editorContent {
	e := editorContent{Key: q.Key, Version: q.Version, Title: q.Title, Intro: q.Intro}
	for i := range q.Questions {
		e.Draft = append(e.Draft, v.editorQuestion(i, &q.Questions[i]))
	}
	if n := len(e.Draft); n > 0 {
		e.Draft[n-1].Last = true
	}
	return e
}

func (v surveyView) editorQuestion(i int, q *questionnaire.Question) editorQuestion {
	count := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	e := editorQuestion{
		N: i, Number: i + 1, Key: q.Key, Text: q.Text, Help: q.Help, Service: q.Service, Required: q.Required,
		AtLeast: count(q.AtLeast), AtMost: count(q.AtMost), MaxLength: count(q.MaxLength), Rows: optionLines(q.Rows), Options: optionLines(q.Options),
		HasLevels: q.Type == questionnaire.Level || q.Type == questionnaire.Matrix, HasRows: q.Type == questionnaire.Matrix,
		HasOptions: q.Type == questionnaire.Single || q.Type == questionnaire.Multiple || q.Type == questionnaire.Ranking, HasText: q.Type == questionnaire.FreeText,
	}
	if q.Weight > 0 {
		e.Weight = strconv.FormatFloat(q.Weight, 'f', -1, 64)
	}
	for _, t := range questionTypes {
		e.Types = append(e.Types, option{Key: string(t), Name: v.T("surveys.type." + string(t)), Chosen: t == q.Type})
	}
	var lines []string
	for _, l := range q.Levels {
		lines = append(lines, fmt.Sprintf("%d | %s | %s | %s", l.Value, strconv.FormatFloat(l.Points, 'f', -1, 64), l.Text.ZH, l.Text.EN))
	}
	e.Levels = strings.Join(lines, "\n")
	if q.VisibleIf != nil {
		if text, err := json.Marshal(q.VisibleIf); err == nil {
			e.VisibleIf = string(text)
		}
	}
	return e
}

func optionLines(options []questionnaire.Option) string {
	lines := make([]string, len(options))
	for i, o := range options {
		lines[i] = fmt.Sprintf("%s | %s | %s", o.Key, o.Text.ZH, o.Text.EN)
		if o.Service != "" {
			lines[i] += " | " + o.Service
		}
	}
	return strings.Join(lines, "\n")
}

// draft is what the fields hold, as a questionnaire that may be wrong, and what
// of it cannot be read.
type draft struct {
	*questionnaire.Questionnaire

	problems []questionnaire.Mistake
}

func (d *draft) problem(text string, path ...string) {
	d.problems = append(d.problems, questionnaire.Mistake{Path: "/" + strings.Join(path, "/"), Text: text})
}

// readEditor reads the fields.
func (v surveyView) readEditor(form url.Values) *draft {
	text := func(name string) string { return strings.TrimSpace(unixLines(form.Get(name))) }
	both := func(name string) questionnaire.Text {
		return questionnaire.Text{ZH: text(name + "_zh"), EN: text(name + "_en")}
	}
	d := &draft{Questionnaire: &questionnaire.Questionnaire{Key: text("key"), Title: both("title"), Intro: both("intro")}}
	d.Version, _ = bounded(form.Get("version"), 1, 10_000)
	n, _ := bounded(form.Get("n"), 0, mostQuestions)
	for i := range n {
		name := func(part string) string { return fmt.Sprintf("q%d_%s", i, part) }
		path := func(part string) []string { return []string{"questions", strconv.Itoa(i), part} }
		q := questionnaire.Question{
			Key: text(name("key")), Type: questionnaire.Type(text(name("type"))), Text: both(name("text")), Help: both(name("help")),
			Required: form.Get(name("required")) != "", Service: text(name("service")),
		}
		number := func(part string) int {
			given := text(name(part))
			value, ok := bounded(given, 0, 1_000_000)
			if given != "" && !ok {
				d.problem(v.T("surveys.editor.no_number", "text", clip(given)), path(part)...)
			}
			return value
		}
		q.AtLeast, q.AtMost, q.MaxLength = number("at_least"), number("at_most"), number("max_length")
		if given := text(name("weight")); given != "" {
			value, err := strconv.ParseFloat(given, 64)
			if err != nil || value <= 0 {
				d.problem(v.T("surveys.editor.no_weight", "text", clip(given)), path("weight")...)
			} else {
				q.Weight = value
			}
		}
		q.Levels = v.readLevels(d, text(name("levels")), path("levels"))
		q.Rows = v.readOptions(d, text(name("rows")), path("rows"))
		q.Options = v.readOptions(d, text(name("options")), path("options"))
		if given := text(name("if")); given != "" {
			var on questionnaire.Condition
			dec := json.NewDecoder(strings.NewReader(given))
			dec.DisallowUnknownFields() // what is not understood would be dropped
			if err := dec.Decode(&on); err != nil {
				d.problem(v.T("surveys.editor.no_condition", "why", err), path("visible_if")...)
			} else {
				q.VisibleIf = &on
			}
		}
		v.fitting(&q)
		d.Questions = append(d.Questions, q)
	}
	return d
}

// fitting gives a question of another type than before the parts that it needs,
// and takes those that it has no use for.
func (v surveyView) fitting(q *questionnaire.Question) {
	levels := q.Type == questionnaire.Level || q.Type == questionnaire.Matrix
	choices := q.Type == questionnaire.Single || q.Type == questionnaire.Multiple || q.Type == questionnaire.Ranking
	if !levels {
		q.Levels = nil
	} else if len(q.Levels) == 0 {
		q.Levels = usualLevels()
	}
	if q.Type != questionnaire.Matrix {
		q.Rows = nil
	}
	if !choices {
		q.Options = nil
	}
	if q.Type != questionnaire.Multiple && q.Type != questionnaire.Ranking {
		q.AtLeast, q.AtMost = 0, 0
	}
	if q.Type != questionnaire.FreeText {
		q.MaxLength = 0
	}
	if !levels && q.Type != questionnaire.Score {
		q.Weight = 0
	}
}

// usualLevels are those of satisfaction.
func usualLevels() []questionnaire.Step {
	template, err := questionnaire.Template()
	if err != nil {
		return nil
	}
	return slices.Clone(template.Questions[0].Levels)
}

func parts(line string) []string {
	all := strings.Split(strings.ReplaceAll(line, "｜", "|"), "|")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}

func (v surveyView) readLevels(d *draft, text string, path []string) (levels []questionnaire.Step) {
	for i, line := range lines(text) {
		p := parts(line)
		value, points := 0, 0.0
		err := fmt.Errorf("%d parts", len(p))
		if len(p) == 4 {
			if value, err = strconv.Atoi(p[0]); err == nil {
				points, err = strconv.ParseFloat(p[1], 64)
			}
		}
		if err != nil {
			d.problem(v.T("surveys.editor.no_level", "n", i+1, "line", clip(line)), path...)
			continue
		}
		levels = append(levels, questionnaire.Step{Value: value, Points: points, Text: questionnaire.Text{ZH: p[2], EN: p[3]}})
	}
	return levels
}

func (v surveyView) readOptions(d *draft, text string, path []string) (options []questionnaire.Option) {
	for i, line := range lines(text) {
		p := parts(line)
		if len(p) < 3 || len(p) > 4 {
			d.problem(v.T("surveys.editor.no_option", "n", i+1, "line", clip(line)), path...)
			continue
		}
		o := questionnaire.Option{Key: p[0], Text: questionnaire.Text{ZH: p[1], EN: p[2]}}
		if len(p) == 4 {
			o.Service = p[3]
		}
		options = append(options, o)
	}
	return options
}

func lines(text string) (list []string) {
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) != "" {
			list = append(list, line)
		}
	}
	return list
}

// rearrange does what a button of the editor asks for: add, copy:2, up:2, down:2, remove:2.
func (d *draft) rearrange(do string) {
	what, at, _ := strings.Cut(do, ":")
	i, err := strconv.Atoi(at)
	inside := err == nil && i >= 0 && i < len(d.Questions)
	switch {
	case what == "add" && len(d.Questions) < mostQuestions:
		d.Questions = append(d.Questions, questionnaire.Question{Key: d.freeKey("question"), Type: questionnaire.Level, Levels: usualLevels()})
	case what == "copy" && inside && len(d.Questions) < mostQuestions:
		again := d.Questions[i]
		again.Key = d.freeKey(again.Key)
		d.Questions = slices.Insert(d.Questions, i+1, again)
	case what == "remove" && inside:
		d.Questions = slices.Delete(d.Questions, i, i+1)
	case what == "up" && inside && i > 0:
		d.Questions[i-1], d.Questions[i] = d.Questions[i], d.Questions[i-1]
	case what == "down" && inside && i+1 < len(d.Questions):
		d.Questions[i+1], d.Questions[i] = d.Questions[i], d.Questions[i+1]
	}
}

// freeKey is a key that no question has.
func (d *draft) freeKey(like string) string {
	for n := 2; ; n++ {
		key := like + "_" + strconv.Itoa(n)
		if _, taken := d.Question(key); !taken {
			return key
		}
	}
}

// checked is the draft as a questionnaire, or all that is wrong with it.
func (d *draft) checked() (*questionnaire.Questionnaire, []questionnaire.Mistake) {
	if len(d.problems) > 0 {
		return nil, d.problems
	}
	text, err := d.Document()
	if err != nil {
		return nil, []questionnaire.Mistake{{Text: err.Error()}}
	}
	q, err := questionnaire.Parse(text)
	return q, mistakesOf(err)
}
