package form_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/officepulse/surveys/form"
	"example.com/officepulse/surveys/invitation"
	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/store"
)

func TestAnswerIsKept(t *testing.T) {
	o := newOffice(t)
	w := o.open("2026Q4", template(t), true)
	link := o.link(invitation.Personal, w, "sales")
	ticket := o.ticket(link)
	_ = o.ticket(link) // looking does not use it up, as often as one looks
	status, text := o.send(link, ticket, fine("4"))
	wantPage(t, "sent", status, text, http.StatusOK, "Thank you", "When the survey is over")
	rows := o.answers(w, 1)
	got := rows[0]
	if sortedKeys(got.Numbers) != "[attitude coordination doc_approval meetings supplies]" || got.Numbers["meetings"] != 4 || got.Department != "sales" {
		t.Errorf("stored: %+v", got)
	}
	// An anonymous answer: the day of the office, a random id, nothing of the link.
	local := got.Time.In(zone)
	if local.Hour() != 0 || local.Minute() != 0 || local.Second() != 0 || local.Nanosecond() != 0 || local.Format(time.DateOnly) != time.Now().In(zone).Format(time.DateOnly) {
		t.Errorf("the answer tells the time: %s", local)
	}
	code := strings.TrimPrefix(link, o.url+"/s/")
	i, err := invitation.Parse(code, o.secret)
	if err != nil {
		t.Fatal(err)
	}
	if got.EventID != got.AnswerID || got.AnswerID == i.AnswerID(o.secret) || strings.Contains(code, got.AnswerID) || got.Sequence != "" || got.Source != "/surveys" {
		t.Errorf("the answer leads to its link: %+v", got)
	}
	status, text = o.send(link, ticket, fine("4")) // a double click, the back button, a lost reply
	wantPage(t, "sent again", status, text, http.StatusOK, "Thank you")
	status, text = o.get(link)
	wantPage(t, "opened again", status, text, http.StatusGone, "This link has been used")
	o.answers(w, 1)
}

func TestLinksThatLeadToNoForm(t *testing.T) {
	o := newOffice(t)
	w := o.open("2026Q4", template(t), true)
	good := o.link(invitation.Personal, w, "sales")
	foreign := invitation.New(invitation.Personal, w.Key, "sales")
	elsewhere := invitation.New(invitation.Personal, "2031Q1", "sales")
	stranger := invitation.New(invitation.Personal, w.Key, "kitchen")
	f := func(name, address string, want int, parts ...string) {
		t.Helper()
		status, text := o.get(address)
		wantPage(t, name, status, text, want, parts...)
		status, text = o.send(address, "x", fine("5"))
		wantPage(t, name+", sent", status, text, want, parts...)
	}
	f("forged", good[:len(good)-3]+"AAA", http.StatusNotFound, "This link does not work", "Go back to the message")
	f("half", good[:len(good)/2], http.StatusNotFound, "This link does not work")
	f("of another service", o.url+form.Path(foreign.Code(invitation.NewSecret())), http.StatusNotFound, "This link does not work")
	f("of another wave", o.url+form.Path(elsewhere.Code(o.secret)), http.StatusNotFound, "There is no such survey here")
	f("of another department", o.url+form.Path(stranger.Code(o.secret)), http.StatusNotFound, "There is no such survey here")
	o.at(w.Opens.Add(-time.Second))
	f("early", good, http.StatusForbidden, "has not begun", "It begins at")
	o.at(w.Closes)
	f("expired", good, http.StatusGone, "The survey is over", "directly, or in the next")
	o.at(time.Time{})
	o.save(w.ClosedNow(by()))
	f("closed", good, http.StatusGone, "The survey is over")
	o.answers(w, 0)
}

func TestFaultsAreShown(t *testing.T) {
	o := newOffice(t)
	w := o.open("2026Q4", every(t), true)
	link := o.link(invitation.Department, w, "sales")
	ticket := o.ticket(link)
	status, text := o.send(link, ticket, url.Values{
		"overall": {"40"}, "speed": {"7"}, "why": {`<script>alert(1)</script>` + strings.Repeat("x", 20)}, "services.room": {"9"}, "uses": {"rooms", "boats"},
		"first.price": {"1"}, "first.speed": {"1"},
	})
	wantPage(t, "faulty", status, text, http.StatusUnprocessableEntity,
		`role="alert"`, "5 to put right", `href="#q-speed"`, `id="q-speed"`, "Question 3, “Why”: This is too long; shorten it to 20 characters.",
		`value="40"`, `&lt;script&gt;alert(1)&lt;/script&gt;`, `aria-invalid="true"`, `id="f-why-fault"`, "Place 1 was given twice", `value="`+ticket+`"`)
	if strings.Contains(text, "<script>alert") {
		t.Error("a script in an answer is one in the page")
	}
	status, text = o.send(link, ticket, url.Values{})
	wantPage(t, "empty", status, text, http.StatusUnprocessableEntity, "2 to put right", "Please answer this question.")
	status, text = o.send(link, "no.ticket", url.Values{"overall": {"70"}})
	wantPage(t, "without a ticket", status, text, http.StatusUnprocessableEntity, "press Send once more", `value="70"`)
	status, text = o.send(link, ticket, url.Values{"overall": {"40"}, "speed": {"4"}, "why": {"<script>alert(1)"}, "recommend": {"9"}, "which_seal": {"company"}})
	wantPage(t, "mended", status, text, http.StatusOK, "Thank you")
	got := o.answers(w, 1)[0]
	if got.Texts["why"] != "<script>alert(1)" || sortedKeys(got.Texts) != "[why]" || sortedKeys(got.Numbers) != "[overall recommend speed]" {
		t.Errorf("stored: %+v", got)
	}
}

// A question that is not asked is shown to who has no script, with its condition.
func TestConditionsInWords(t *testing.T) {
	o := newOffice(t)
	w := o.open("2026Q4", every(t), true)
	_, text := o.get(o.link(invitation.Personal, w, "sales"))
	for _, words := range []string{
		"Answer only if question 1 is at most 59.", "Answer only if question 7 is “seal” and question 2 is at least 1 or question 5“room” is not answered.",
	} {
		if !strings.Contains(text, words) {
			t.Errorf("%q is not in the page\n%s", words, text)
		}
	}
}

// Named answers can be changed, and the last one counts; nobody else's can be.
func TestNamedWave(t *testing.T) {
	o := newOffice(t)
	w := o.open("2026Q4", template(t), false)
	link, other := o.link(invitation.Personal, w, "sales"), o.link(invitation.Personal, w, "sales")
	first := o.ticket(link)
	status, text := o.send(link, first, fine("2"))
	wantPage(t, "first", status, text, http.StatusOK, "you can open the same link again")
	status, text = o.get(link)
	wantPage(t, "opened again", status, text, http.StatusOK, "sending this again replaces that answer", "the office sees your answer")
	second := o.ticket(link)
	status, _ = o.send(link, second, fine("5"))
	wantPage(t, "second", status, "", http.StatusOK)
	rows := o.answers(w, 2)
	if rows[0].AnswerID != rows[1].AnswerID || rows[1].Numbers["meetings"] != 5 || !rows[0].Time.Before(rows[1].Time) {
		t.Errorf("stored: %+v", rows)
	}
	counts, err := o.waves.Counts(t.Context(), w.Key)
	if err != nil || counts["sales"] != 1 {
		t.Errorf("counted: %v, %v", counts, err)
	}
	status, text = o.send(other, first, fine("1"))
	wantPage(t, "somebody else's form", status, text, http.StatusUnprocessableEntity, "press Send once more")
	o.answers(w, 2)
}

// Of one personal link, whatever arrives at once: one answer counts.
func TestAtOnce(t *testing.T) {
	o := newOffice(t)
	w := o.open("2026Q4", template(t), true)
	link := o.link(invitation.Personal, w, "sales")
	same := o.ticket(link)
	var wg sync.WaitGroup
	var thanked, used atomic.Int32
	tickets := make([]string, 12) // of forms that were all opened before one was sent
	for i := range tickets {
		tickets[i] = same
		if i%2 == 0 {
			tickets[i] = o.ticket(link)
		}
	}
	for _, ticket := range tickets {
		wg.Go(func() {
			switch status, text := o.send(link, ticket, fine("3")); status {
			case http.StatusOK:
				thanked.Add(1)
			case http.StatusGone:
				used.Add(1)
			default:
				t.Errorf("%d %.200s", status, text)
			}
		})
	}
	wg.Wait()
	if thanked.Load() == 0 || thanked.Load()+used.Load() != 12 {
		t.Errorf("%d thanked, %d told that the link was used", thanked.Load(), used.Load())
	}
	o.answers(w, 1)
}

// A department's link takes many answers, each form one.
func TestDepartmentLink(t *testing.T) {
	o := newOffice(t)
	w := o.open("2026Q4", template(t), true)
	link := o.link(invitation.Department, w, "legal")
	for range 3 {
		ticket := o.ticket(link)
		for range 2 {
			status, text := o.send(link, ticket, fine("3"))
			wantPage(t, "sent", status, text, http.StatusOK, "Thank you")
		}
	}
	o.answers(w, 3)
	if n := len(o.waves.UsedLinks(w.Key)); n != 0 {
		t.Errorf("%d department links are used up", n)
	}
}

// Without the broker nothing is thanked for and nothing is lost.
func TestBrokerAway(t *testing.T) {
	o := newOffice(t)
	w := o.open("2026Q4", template(t), true)
	link := o.link(invitation.Personal, w, "sales")
	ticket := o.ticket(link)
	o.gate.set(true)
	status, text := o.send(link, ticket, fine("5"))
	wantPage(t, "away", status, text, http.StatusServiceUnavailable, "Nothing is lost", `value="5" checked`, `value="`+ticket+`"`)
	o.gate.set(false)
	status, text = o.send(link, ticket, fine("5"))
	wantPage(t, "back", status, text, http.StatusOK, "Thank you")
	o.answers(w, 1)
}

// forgetful is a store whose process is killed right after the broker has
// acknowledged an answer: the use of its link is never noted.
type forgetful struct{ *store.Store }

func (forgetful) Use(*invitation.Invitation) error { return errors.New("killed") }

// Whatever is done with a link after the process was killed between the answer and
// the note of its use: one answer counts, and somebody whose answer was lost can
// give it.
func TestKilledBeforeTheUseIsNoted(t *testing.T) {
	o := newOffice(t)
	w := o.open("2026Q4", template(t), true)
	waves := o.waves
	o.serve(forgetful{waves})
	same, anew := o.link(invitation.Personal, w, "sales"), o.link(invitation.Personal, w, "sales")
	tickets := map[string]string{same: o.ticket(same), anew: o.ticket(anew)}
	for link, ticket := range tickets {
		status, text := o.send(link, ticket, fine("2"))
		wantPage(t, "before", status, text, http.StatusOK, "Thank you")
	}
	o.reopen() // another process, which has read what is on disk
	status, text := o.send(same, tickets[same], fine("4"))
	wantPage(t, "the same form again", status, text, http.StatusOK, "Thank you")
	status, text = o.send(anew, o.ticket(anew), fine("4"))
	wantPage(t, "a new form by the same link", status, text, http.StatusOK, "Thank you")
	for _, link := range []string{same, anew} {
		status, text = o.get(link)
		wantPage(t, "afterwards", status, text, http.StatusGone, "This link has been used")
	}
	marker := o.link(invitation.Department, w, "sales") // stored after everything that was sent before
	status, _ = o.send(marker, o.ticket(marker), fine("5"))
	wantPage(t, "marker", status, "", http.StatusOK)
	o.answers(w, 3)

	// Of one that is found stored the link is used, without anybody doing anything.
	o.serve(forgetful{o.waves})
	third := o.link(invitation.Personal, w, "sales")
	status, _ = o.send(third, o.ticket(third), fine("2"))
	wantPage(t, "third", status, "", http.StatusOK)
	o.answers(w, 4)
	o.reopen()
	if err := o.waves.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	status, text = o.get(third)
	wantPage(t, "found stored", status, text, http.StatusGone, "This link has been used")
}

// A wave is not closed while an answer is on its way, and takes none afterwards.
func TestClosingWaitsForAnswers(t *testing.T) {
	o := newOffice(t)
	w := o.open("2026Q4", template(t), true)
	done := o.waves.Answering()
	closed := make(chan struct{})
	go func() {
		o.save(w.ClosedNow(by()))
		close(closed)
	}()
	link := o.link(invitation.Personal, w, "sales")
	select {
	case <-closed:
		t.Fatal("closed although an answer is on its way")
	case <-time.After(100 * time.Millisecond): // nothing to wait for: it must not happen
	}
	if now, _ := o.waves.Wave(w.Key); now.Answered() {
		t.Error("known as closed although an answer is on its way")
	}
	done()
	<-closed
	status, text := o.send(link, "x", fine("2"))
	wantPage(t, "afterwards", status, text, http.StatusGone, "The survey is over")
}

func TestTooLarge(t *testing.T) {
	o := newOffice(t)
	w := o.open("2026Q4", template(t), true)
	link := o.link(invitation.Personal, w, "sales")
	values := fine("5")
	values.Set("open", strings.Repeat("长", 2<<20/9))
	status, text := o.send(link, o.ticket(link), values)
	wantPage(t, "2 MB", status, text, http.StatusRequestEntityTooLarge, "That is too long", "Go back")
	status, text = o.do(http.MethodPost, link, "a=%zz")
	wantPage(t, "broken", status, text, http.StatusBadRequest, "did not arrive whole")
	o.answers(w, 0)
}

func TestThanksTellsWhatCameOfIt(t *testing.T) {
	o := newOffice(t)
	last := o.open("2026Q3", template(t), true)
	_ = last
	before := *last
	before.Quarter.Number = 3
	closed := o.save(before.ClosedNow(by()))
	o.save(closed.PublishedWith(questionnaire.Text{ZH: "会议室改为线上预订。", EN: "Rooms are booked online now.\nThe supply list was cut to one page."}, by()))
	w := o.open("2026Q4", template(t), true)
	link := o.link(invitation.Personal, w, "sales")
	status, text := o.send(link, o.ticket(link), fine("5"))
	wantPage(t, "thanks", status, text, http.StatusOK, "What came of the last answers", "<p>Rooms are booked online now.</p>", "<p>The supply list was cut to one page.</p>")
}

// Everything that a phone has to load, before compression.
func TestUnderThirtyKilobytes(t *testing.T) {
	o := newOffice(t)
	for key, q := range map[string]*questionnaire.Questionnaire{"a": template(t), "b": every(t)} {
		w := o.open(key, q, true)
		_, page := o.get(o.link(invitation.Personal, w, "sales") + "?lang=zh")
		_, js := o.get(o.url + "/survey-form/form.js")
		if !strings.Contains(page, "<style>") || len(js) < 1000 {
			t.Fatal("style or script are not there")
		}
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write([]byte(page + js))
		_ = z.Close()
		all := len(page) + len(js)
		t.Logf("%s: page with style %d, script %d, together %d bytes (%d compressed)", q.Key, len(page), len(js), all, packed.Len())
		if all > 30_000 {
			t.Errorf("%s: %d bytes", q.Key, all)
		}
	}
}
