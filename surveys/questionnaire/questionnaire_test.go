package questionnaire_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/surveys/questionnaire"
)

// every is a questionnaire with every type of question and of condition.
func every(tb testing.TB) *questionnaire.Questionnaire {
	tb.Helper()
	data, err := os.ReadFile("testdata/every.json")
	if err != nil {
		tb.Fatal(err)
	}
	q, err := questionnaire.Parse(data)
	if err != nil {
		tb.Fatal(err)
	}
	return q
}

// The demo story and the handbook speak of the template's questions and worth.
func TestTemplateIsTheHandbooks(t *testing.T) {
	q, err := questionnaire.Template()
	if err != nil {
		t.Fatal(err)
	}
	promised, ok := handbook.Default().Questionnaire(q.ID())
	if !ok {
		t.Fatalf("the handbook does not know %s", q.ID())
	}
	for _, item := range promised.Items {
		question, ok := q.Question(item.Key)
		if !ok || question.Weight != item.Weight {
			t.Errorf("%s weighs %v there", item.Key, item.Weight)
			continue
		}
		for _, level := range question.Levels {
			if promised.Levels[level.Value] != level.Points {
				t.Errorf("level %d of %s is worth %v, there %v", level.Value, item.Key, level.Points, promised.Levels[level.Value])
			}
		}
	}
	if last := q.Questions[len(q.Questions)-1]; last.Type != questionnaire.FreeText {
		t.Errorf("it ends with a question of type %s", last.Type)
	}
}

func TestParseNamesEveryMistake(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		_, err := questionnaire.Parse([]byte(text))
		if _, ok := errors.AsType[*questionnaire.InvalidError](err); !ok {
			t.Errorf("%.60s: got %v", text, err)
			return
		}
		if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
			t.Errorf("%.60s (-want +got):\n%s", text, diff)
		}
	}
	const head = `{"key": "q", "version": 1, "title": {"zh": "问", "en": "Q"}, "questions": [`
	const text = `"text": {"zh": "问", "en": "Q"}`
	f("{", "this is no JSON: unexpected EOF")
	f("[]", "got array, want object")
	f(`{"key": "Q", "version": 0, "title": {"zh": "问"}, "questions": [{"key": "a", "type": "slider", "colour": 1}]}`,
		"/key: 'Q' does not match pattern '^[a-z][a-z0-9_]{0,62}$'",
		"/questions/0: missing property 'text'",
		"/questions/0: additional properties 'colour' not allowed",
		"/questions/0/type: value must be one of 'score', 'level', 'nps', 'matrix', 'single', 'multiple', 'ranking', 'text'",
		"/title: missing property 'en'",
		"/version: minimum: got 0, want 1")
	f(head+`{"key": "a", "type": "score", `+text+`, "options": [{"key": "x", `+text+`}, {"key": "x", `+text+`}]},
	        {"key": "a", "type": "level", `+text+`},
	        {"key": "b", "type": "level", `+text+`, "levels": [{"value": 1, "points": 0, `+text+`}, {"value": 1, "points": 1, `+text+`}]},
	        {"key": "c", "type": "multiple", `+text+`, "at_least": 3, "at_most": 2, "options": [{"key": "x", `+text+`}, {"key": "y", `+text+`}]},
	        {"key": "d", "type": "text", `+text+`, "visible_if": {"question": "e", "answered": true}},
	        {"key": "e", "type": "text", `+text+`, "visible_if": {"any": [{"question": "a", "is": ["x"]}, {"question": "c", "is": ["z"]}, {"question": "c", "at_least": 1}]}}]}`,
		`/questions/0/options: a question of type score has no options`,
		`/questions/0/options/1/key: key "x" is taken by an earlier one`,
		`/questions/1/key: key "a" is taken by an earlier question`,
		`/questions/1: a question of type level needs levels`,
		`/questions/2/levels/1/value: value 1 is taken by an earlier level`,
		`/questions/3/at_least: at_least 3 is more than at_most 2`,
		`/questions/3/at_most: there are 2 options only`,
		`/questions/4/visible_if/question: no question before this one is answered under "e"`,
		`/questions/5/visible_if/any/0: "a" has no options that "is" could name`,
		`/questions/5/visible_if/any/1: "c" has no option "z"`,
		`/questions/5/visible_if/any/2: "c" is answered with no number`)
}

func TestFill(t *testing.T) {
	q := every(t)
	f := func(form string, want string, faults ...string) {
		t.Helper()
		values, err := url.ParseQuery(form)
		if err != nil {
			t.Fatal(err)
		}
		answers, found := q.Fill(values)
		var said []string
		for _, one := range found {
			said = append(said, one.String())
		}
		if diff := cmp.Diff(faults, said); diff != "" {
			t.Errorf("%s: faults (-want +got):\n%s", form, diff)
		}
		if got := text(t, answers); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", form, got, want)
		}
	}
	const fine = "overall=80&speed=4&"
	f("", `{}`, "overall: missing (0 to 0)", "speed: missing (0 to 0)")
	f(fine, `{"overall":80,"speed":4}`)
	f("overall=８０&speed=4", `{"overall":80,"speed":4}`) // a Chinese keyboard's digits
	f("overall=101&speed=6", `{}`, "overall: range (0 to 100)", "speed: no_option (0 to 0)")
	f("overall=eighty&speed=", `{}`, "overall: no_number (0 to 100)", "speed: missing (0 to 0)")
	f(fine+"why=because", `{"overall":80,"speed":4}`) // not asked: not kept
	f("overall=40&speed=4&why=because", `{"overall":40,"speed":4,"why":"because"}`)
	f("overall=40&speed=4", `{"overall":40,"speed":4}`, "why: missing (0 to 0)")
	f("overall=40&speed=4&why=a%00b", `{"overall":40,"speed":4}`, "why: unreadable (0 to 0)")
	f("overall=40&speed=4&why="+strings.Repeat("长", 21), `{"overall":40,"speed":4}`, "why: too_long (0 to 20)")
	f("overall=40&speed=4&why="+strings.Repeat("长", 20), `{"overall":40,"speed":4,"why":"`+strings.Repeat("长", 20)+`"}`)
	f(fine+"recommend=10", `{"overall":80,"recommend":10,"speed":4}`)
	f(fine+"services.room=5&services.paper=1", `{"overall":80,"services.paper":1,"services.room":5,"speed":4}`)
	f(fine+"services.room=9", `{"overall":80,"speed":4}`, "services.room: no_option (0 to 0)")
	f(fine+"channel=phone", `{"channel":"phone","overall":80,"speed":4}`)
	f(fine+"channel=pigeon", `{"overall":80,"speed":4}`, "channel: no_option (0 to 0)")
	f(fine+"uses=seal&uses=rooms&uses=seal", `{"overall":80,"speed":4,"uses":["rooms","seal"]}`) // in the questionnaire's order
	f(fine+"uses=rooms&uses=seal&uses=cars", `{"overall":80,"speed":4}`, "uses: too_many (1 to 2)")
	f(fine+"uses=rooms&uses=boats", `{"overall":80,"speed":4}`, "uses: no_option (0 to 0)")
	f(fine+"uses=seal&which_seal=company", `{"overall":80,"speed":4,"uses":["seal"],"which_seal":"company"}`)
	f(fine+"which_seal=company", `{"overall":80,"speed":4}`) // only who uses the seal is asked
	f(fine+"first.price=2&first.speed=1", `{"first":["speed","price"],"overall":80,"speed":4}`)
	f(fine+"first.price=1&first.speed=1", `{"overall":80,"speed":4}`, "first: same_rank (1 to 1)")
	f(fine+"first.price=1&first.speed=3", `{"overall":80,"speed":4}`, "first: rank_gap (1 to 3)")
	f(fine+"first.price=1", `{"overall":80,"speed":4}`, "first: too_few (2 to 3)")
	f(fine+"first.price=x", `{"overall":80,"speed":4}`, "first: no_number (1 to 3)")
	f(fine+"first.price=4", `{"overall":80,"speed":4}`, "first: range (1 to 3)")
}

// text is what answers are as JSON, keys in order.
func text(tb testing.TB, a questionnaire.Answers) string {
	tb.Helper()
	plain := make(map[string]any)
	for key, value := range a {
		if n, ok := value.Number(); ok {
			plain[key] = n
		} else if s, ok := value.Text(); ok {
			plain[key] = s
		} else if c, ok := value.Choices(); ok {
			plain[key] = c
		}
	}
	data, err := json.Marshal(plain)
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

// Whatever a form holds, what is kept can be sent as an event, was asked, and is
// kept again when the form is sent again.
func TestFillOfAnyForm(t *testing.T) {
	q := every(t)
	fields := []string{
		"overall", "speed", "why", "recommend", "services.room", "services.paper", "channel", "uses", "which_seal",
		"first.price", "first.speed", "first.care", "unknown",
	}
	values := []string{"", "0", "1", "2", "3", "5", "40", "100", "-1", "9e9", "phone", "seal", "rooms", "company", "\x00", "text", "\xff"}
	rapid.Check(t, func(t *rapid.T) {
		form := url.Values{}
		for range rapid.IntRange(0, 20).Draw(t, "fields") {
			form.Add(rapid.SampledFrom(fields).Draw(t, "field"), rapid.SampledFrom(values).Draw(t, "value"))
		}
		answers, faults := q.Fill(form)
		asked := make(map[string]bool)
		for _, one := range q.Visible(answers) {
			asked[one.Key] = true
		}
		for key := range answers {
			question, _, _ := strings.Cut(key, ".")
			if !asked[question] {
				t.Fatalf("%v: %s is kept and was not asked", form, key)
			}
		}
		if len(faults) > 0 {
			return
		}
		answer := event.Answer{AnswerID: "a", Wave: "w", Questionnaire: q.ID(), Department: "d", Answers: answers}
		if len(answers) > 0 && len(answer.Answers) != len(answers) {
			t.Fatalf("%v", answer)
		}
		again, faults := q.Fill(form)
		if diff := cmp.Diff(answers, again, cmp.AllowUnexported(event.Value{})); diff != "" || len(faults) > 0 {
			t.Fatalf("the same form again (-first +again):\n%s%v", diff, faults)
		}
	})
}

func TestChanges(t *testing.T) {
	before, now := every(t), every(t)
	now.Version = 2
	change := func(key string, to func(*questionnaire.Question)) {
		q, ok := now.Question(key)
		if !ok {
			t.Fatal(key)
		}
		to(q)
	}
	if got := now.Changes(before); len(got) != 0 {
		t.Errorf("nothing changed: %v", got)
	}
	change("speed", func(q *questionnaire.Question) { q.Levels = q.Levels[1:] })
	change("services", func(q *questionnaire.Question) { q.Levels[0].Points = 99 })
	change("channel", func(q *questionnaire.Question) { q.Text.EN = "How else?" })
	change("why", func(q *questionnaire.Question) { q.VisibleIf = nil })
	change("first", func(q *questionnaire.Question) { q.Key = "second" })
	want := []questionnaire.Change{
		{Question: "speed", Effect: questionnaire.OtherScale},
		{Question: "speed", Effect: questionnaire.OtherWorth},
		{Question: "speed", Effect: questionnaire.OtherWords},
		{Question: "why", Effect: questionnaire.OtherPath},
		{Question: "services", Effect: questionnaire.OtherWorth},
		{Question: "channel", Effect: questionnaire.OtherWords},
		{Question: "second", Effect: questionnaire.Added},
		{Question: "first", Effect: questionnaire.Removed},
	}
	if diff := cmp.Diff(want, now.Changes(before)); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if !want[0].Breaks() || want[2].Breaks() {
		t.Error("only another scale breaks a trend for certain")
	}
}

// Whatever a form's bytes are: what is kept was asked, can be told as an event,
// and is kept again when the answers are sent as a form of their own.
func FuzzFill(f *testing.F) {
	q := every(f)
	f.Add("overall=40&speed=4&why=because&uses=rooms&uses=seal&first.price=2&first.speed=1")
	f.Add("overall=%EF%BC%98%EF%BC%90&speed=4&services.room=5&recommend=10&channel=mail&which_seal=company")
	f.Add("overall=9999999999999999999&speed=&why=%00%ff&first.price=-1&first.price=2")
	f.Fuzz(func(t *testing.T, body string) {
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		answers, faults := q.Fill(form)
		if len(faults) > 0 {
			return
		}
		e := event.Event{ID: "e", Source: "/surveys", Type: event.TypeAnswer, Time: time.Now(), Answer: &event.Answer{
			AnswerID: "a", Wave: "w", Questionnaire: q.ID(), Department: "d", Answers: answers,
		}}
		if err := e.Validate(time.Now()); err != nil {
			t.Fatalf("%q is kept as no event: %v", body, err)
		}
		again := url.Values{}
		for key, value := range answers {
			if n, ok := value.Number(); ok {
				again.Set(key, strconv.Itoa(int(n)))
			} else if text, ok := value.Text(); ok {
				again.Set(key, text)
			} else if chosen, ok := value.Choices(); ok {
				again[key] = chosen
				for place, option := range chosen {
					again.Set(questionnaire.RankField(key, option), strconv.Itoa(place+1))
				}
			}
		}
		same, faults := q.Fill(again)
		if diff := cmp.Diff(answers, same, cmp.AllowUnexported(event.Value{})); diff != "" || len(faults) > 0 {
			t.Fatalf("%q (-first +again):\n%s%v", body, diff, faults)
		}
	})
}

// What Parse accepts can be asked: every question is answered under keys of its
// own, and it comes out of JSON as it went in.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"testdata/every.json", "office_services.json"} {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		q, err := questionnaire.Parse(data)
		if err != nil {
			return
		}
		text, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		again, err := questionnaire.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if diff := cmp.Diff(q, again); diff != "" {
			t.Errorf("written and read again (-before +after):\n%s", diff)
		}
		_, _ = q.Fill(url.Values{q.Questions[0].Key: {"1"}})
	})
}
