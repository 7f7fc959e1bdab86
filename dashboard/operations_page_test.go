package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/officepulse/ingest/delivery"
)

// page returns a page whose words are all there.
func (o *office) page(target string) string {
	o.Helper()
	w := get(o.T, o, target)
	if w.Code != http.StatusOK {
		o.Fatalf("%s: got %d %s", target, w.Code, w.Body)
	}
	checkWords(o.T, target, w.Body.String())
	return w.Body.String()
}

// checkWords fails where a key or a placeholder shows instead of words.
func checkWords(t *testing.T, name, body string) {
	t.Helper()
	if found := regexp.MustCompile(`[>"](?:delivery|operations|audit|letter|replay|list)\.[a-z_]+(?:\.[a-z_]+)*[<"]`).FindString(body); found != "" {
		t.Errorf("%s: a message key shows: %s", name, found)
	}
	if found := regexp.MustCompile(`\{(?:n|time|missing|letters|duplicated|stored|aside|all|from|to|topic|partition|offset|why|size|kept|reason|place)\}`).FindString(body); found != "" {
		t.Errorf("%s: a placeholder shows: %s", name, found)
	}
}

// post sends a form as the page itself does.
func (o *office) post(target string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	o.Helper()
	r := httptest.NewRequestWithContext(o.Context(), http.MethodPost, target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	o.ServeHTTP(w, r)
	return w
}

func TestVerdict(t *testing.T) {
	f := func(name string, change func(*fakeDelivery), zh, en string, texts ...string) {
		t.Helper()
		o := newOffice(t)
		change(o.way)
		contains(t, o.page("/operations?lang=zh"), zh)
		body := o.page("/operations?lang=en")
		contains(t, body, append(texts, en)...)
		if t.Failed() {
			t.Fatalf("%s", name)
		}
	}
	f("fine", func(*fakeDelivery) {}, "丢失 0，重复 0：已提交的 1,200 条消息全部有着落", "Lost 0, duplicated 0: all 1,200 committed messages are accounted for",
		"1,197 stored, 3 put aside", "10 messages wait", "Nothing fails", "op-light op-fine", "All right")
	f("missing", func(w *fakeDelivery) { w.audit.Partitions[0].Missing = 2 }, "丢失 2，重复 0", "Lost 2, duplicated 0", "send them again from their source", "op-light op-wrong", ">Act<")
	f("duplicated", func(w *fakeDelivery) { w.audit.Partitions[0].DuplicatedVisibly = 5 }, "丢失 0，重复 5", "Lost 0, duplicated 5", "Figures count copies")
	f("under way", func(w *fakeDelivery) { w.audit.Partitions[0].Missing, w.audit.Letters = 2, 3 }, "尚未核清", "Not settled yet: 3 dead letters are on their way, and 2 messages may be among them")
	f("nothing", func(w *fakeDelivery) { w.audit = nil }, "尚未收到任何消息", "No message has come in yet")
	f("away", func(w *fakeDelivery) { w.auditErr = errAway }, "目前无法判断", "cannot be told now", "There is no account to show")
	f("reused", func(w *fakeDelivery) { w.audit.ReusedIDs = 9 }, "9 个事件", "9 events share their id")
	f("elsewhere", func(w *fakeDelivery) { w.elsewhere = true }, "另一进程", "another process")
	f("retrying", func(w *fakeDelivery) {
		w.list = []delivery.Trouble{{Topic: "officepulse.task.v1", Partition: 1, Step: "insert", Since: testNow.Add(-time.Minute), Attempts: 7, Reason: "connection <refused>"}}
	}, "自动重试", "Storing stumbles in 1 places", "Storing events", "7 attempts", "2026-10-20 08:59:00", "connection <refused>", "It goes on by itself")
	f("blocked", func(w *fakeDelivery) {
		w.list = []delivery.Trouble{{Partition: -1, Step: "new step", Blocked: true}}
	}, "须有人处理", "waits for somebody to act", "all partitions", "No further attempt mends it", "new step")
}

func TestOperationsPageNeverShowsADriversText(t *testing.T) {
	o := newOffice(t)
	o.way.auditErr, o.keeper.fail = errAway, errAway
	body := o.page("/operations?lang=en")
	contains(t, body, "cannot be told now", "The dead letters cannot be read now")
	if strings.Contains(body, "secret") {
		t.Error("the driver's text came out")
	}
}

func TestAuditTable(t *testing.T) {
	body := newOffice(t).page("/operations?lang=en")
	contains(t, body, `<th scope="row">officepulse.task.v1 / 0</th>`, `<td data-label="Committed">690</td>`, `<td data-label="Lag">10</td>`, `<td data-label="Late">12.5%</td>`,
		`<td data-label="Stored twice">7</td>`, `<td data-label="Sent twice">4</td>`, "Total", "Copies that a figure would count", "2026-10-20 09:00:00")
	if n := strings.Count(body, `data-label="Missing"`); n != 4 {
		t.Errorf("%d rows, want 3 partitions and their total", n)
	}
}

func TestLettersAreListed(t *testing.T) {
	o := newOffice(t, someLetters()...)
	o.keeper.letters[3].State = delivery.Discarded
	body := o.page("/operations?lang=en")
	contains(t, body, "Dead letters that wait for a decision: 7", `data/action "aprove" is not allowed`, "officepulse.task.v1 / 0 @ 1", `\x00\x01\xff\xfe binary \x1b[31m`,
		"1–7 of 7", `href="/operations/deadletters/0000000000000001?lang=en"`, `href="/operations/replay?lang=en"`, "2.0 MiB")
	if strings.Contains(body, "<script>alert") || strings.Contains(body, "\x1b") {
		t.Error("a message came through as markup")
	}
	f := func(query string, want int, texts ...string) {
		t.Helper()
		body := o.page("/operations?lang=en&" + query)
		contains(t, body, texts...)
		if n := strings.Count(body, `<a class="op-letter"`); n != want {
			t.Errorf("%s: %d letters, want %d", query, n, want)
		}
	}
	f("kind=malformed", 2, `aria-current="true">Not an event <span>2</span>`)
	f("state=discarded", 1, `href="/operations/replay?lang=en&state=discarded"`)
	f("state=replayed", 0, "There are no letters in this state")
	f("state=all", 8)
	f("text=JSON+at", 1, `value="JSON at"`, "Clear filters")
	f("topic=nosuch", 0, "No letter matches these filters", `<option value="nosuch" selected>`)
	f("page=9", 0, "no letters this far back")
	for _, bad := range []string{"kind=x", "state=x", "page=0", "page=x", "kind=invalid&kind=malformed", "text=%ff"} {
		if w := get(t, o, "/operations?lang=en&"+bad); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "The list in the address cannot be understood") {
			t.Errorf("%s: got %d", bad, w.Code)
		}
	}
	contains(t, newOffice(t).page("/operations?lang=zh"), "从未有消息转入死信：收到的都是事件。", "从未有消息转入死信")
	o = newOffice(t, badLetter(1))
	o.keeper.letters[0].State = delivery.Replayed
	contains(t, o.page("/operations?lang=en"), "Nothing waits for a decision", "No dead letter waits for a decision (1 decided)")
}

func TestLettersArePaged(t *testing.T) {
	var many []delivery.Filed
	for n := range 60 {
		many = append(many, badLetter(n))
	}
	o := newOffice(t, many...)
	contains(t, o.page("/operations?lang=en&kind=invalid"), "1–20 of 60", `rel="next" href="/operations?kind=invalid&lang=en&page=2#letters"`)
	contains(t, o.page("/operations?lang=en&kind=invalid&page=3"), "41–60 of 60", `rel="prev" href="/operations?kind=invalid&lang=en&page=2#letters"`)
	contains(t, o.page("/operations?lang=en&text=aprove&page=2"), "21–40<")
}

func TestLetterPage(t *testing.T) {
	o := newOffice(t, someLetters()...)
	f := func(n int, texts ...string) {
		t.Helper()
		body := o.page(fmt.Sprintf("/operations/deadletters/%016x?lang=en", n))
		contains(t, body, texts...)
		if strings.Contains(body, "<script>alert") || strings.ContainsAny(body, "\x00\x1b") || len(body) > 64<<10 {
			t.Errorf("letter %d: markup, control characters or %d bytes", n, len(body))
		}
	}
	f(1, "Breaks a rule", `data/action "aprove" is not allowed`, `"action": "aprove",`, "2026-10-20 08:59:00", "traceparent", `\x00\xff`, "Nobody has done anything", "0000000000000001/value")
	f(2, "no JSON at all <script>")
	f(3, "This is no text", "00 01 ff fe", "The message is no text that a form can hold")
	f(4, "A good event in a topic meant for another type")
	f(5, "The message had 2.0 MiB, of which 300.0 KiB could be kept", "Only the beginning is shown", "There is no text to send: the letter holds 307200 of the message's 2097152 bytes")
	f(6, "cannot be unpacked", "6 – 8")
	f(7, "The message is empty")
	contains(t, o.page("/operations/deadletters/0000000000000005?lang=zh"), "没有可发送的文本", "原消息 2.0 MiB")
	for _, bad := range []string{"/operations/deadletters/00000000000000ff", "/operations/deadletters/x", "/operations/deadletters/x/value"} {
		if w := get(t, o, bad+"?lang=en"); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "There is no dead letter of this id") {
			t.Errorf("%s: got %d", bad, w.Code)
		}
	}
	if w := get(t, o, "/operations/deadletters/0000000000000003/value"); w.Body.String() != someLetters()[2].Value || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("download: %q", w.Body)
	}
}

// What stands in the form is what is saved, checked and sent; loading a page
// again does nothing again.
func TestLetterIsMendedOnThePage(t *testing.T) {
	o := newOffice(t, badLetter(1))
	path := "/operations/deadletters/0000000000000001"
	shownText := func() string {
		_, after, _ := strings.Cut(o.page(path), "<textarea")
		_, after, _ = strings.Cut(after, ">\n")
		text, _, _ := strings.Cut(after, "</textarea>")
		return strings.NewReplacer("&#34;", `"`, "&#43;", "+").Replace(text)
	}
	done := func(deed string, form url.Values, texts ...string) {
		t.Helper()
		w := o.post(path+"/"+deed, form)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != path+"?done=1" {
			t.Fatalf("%s: %d %s %s", deed, w.Code, w.Header(), w.Body)
		}
		body := get(t, o, path+"?done=1&lang=en").Body.String()
		checkWords(t, deed, body)
		contains(t, body, texts...)
	}
	asSent := func(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") } // by a browser

	done("check", url.Values{"text": {asSent(shownText())}}, "The text is saved, but would not be taken yet", "is not allowed")
	if n := len(o.keeper.letters[0].Acts); n != 1 {
		t.Errorf("%d acts: an unchanged text was kept as a correction", n)
	}
	mended := strings.Replace(shownText(), "aprove", "approve", 1)
	done("check", url.Values{"text": {asSent(mended)}, "reason": {"typing error"}}, "The check passed", "would be taken as event e1", "Corrected", "Reason: typing error", "page (no accounts yet)")
	if shownText() != mended || len(o.outbox.sent) != 0 {
		t.Errorf("kept %q, sent %q", shownText(), o.outbox.sent)
	}
	for range 2 {
		done("replay", url.Values{"text": {asSent(mended)}}, "The replay went through")
	}
	if len(o.outbox.sent) != 1 || o.outbox.sent[0] != mended {
		t.Errorf("sent %q", o.outbox.sent)
	}
	contains(t, o.page(path+"?lang=zh"), "已重放", "已经重放", "处理记录")
	if body := o.page(path); strings.Contains(body, `role="status">`+"\n") {
		t.Error("a page without an act shows what came of one")
	}
}

func TestLetterIsDiscardedOnThePage(t *testing.T) {
	o := newOffice(t, badLetter(1))
	path := "/operations/deadletters/0000000000000001/discard"
	w := o.post(path+"?lang=en", url.Values{"reason": {" "}})
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", w.Code)
	}
	contains(t, w.Body.String(), "say why it is not needed", `aria-invalid="true"`, `href="/operations/deadletters/0000000000000001?lang=zh"`)
	if w := o.post(path, url.Values{"reason": {"a test of the ERP"}}); w.Code != http.StatusSeeOther {
		t.Errorf("got %d", w.Code)
	}
	if l := o.keeper.letters[0]; l.State != delivery.Discarded || l.Acts[len(l.Acts)-1].Reason != "a test of the ERP" {
		t.Errorf("got %+v", l.Acts)
	}
}

// A form that cannot be kept comes back as it was filled in.
func TestFormComesBack(t *testing.T) {
	o := newOffice(t, badLetter(1))
	long := strings.Repeat("<x>", 100<<10)
	w := o.post("/operations/deadletters/0000000000000001/check?lang=en", url.Values{"text": {long}, "reason": {"because"}})
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("got %d", w.Code)
	}
	contains(t, w.Body.String(), "an event may have 262144 bytes at most", `value="because"`, long)
	for name, form := range map[string]url.Values{"no UTF-8": {"text": {"\xff"}}, "control": {"text": {"\x00"}}, "reason": {"reason": {strings.Repeat("x", maxReasonBytes+1)}}} {
		if w := o.post("/operations/deadletters/0000000000000001/check", form); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if w := o.post("/operations/deadletters/0000000000000001/check", url.Values{"text": {strings.Repeat("x", maxRequestBytes)}}); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("too long: %d", w.Code)
	}
	if w := o.post("/operations/deadletters/00000000000000ff/check", nil); w.Code != http.StatusNotFound {
		t.Errorf("nowhere: %d", w.Code)
	}
}

// A letter whose bytes no form can hold is not overwritten by an empty field.
func TestEmptyFieldKeepsTheMessage(t *testing.T) {
	o := newOffice(t, someLetters()...)
	o.post("/operations/deadletters/0000000000000003/check", url.Values{"text": {""}})
	if acts := o.keeper.letters[2].Acts; len(acts) != 1 || acts[0].Deed != delivery.DryRun {
		t.Errorf("got %+v", acts)
	}
}

func TestOtherSitesCannotAct(t *testing.T) {
	o := newOffice(t, badLetter(1))
	for _, path := range []string{"/operations/deadletters/0000000000000001/discard", "/operations/deadletters/0000000000000001/replay", "/operations/deadletters/0000000000000001/check", "/operations/replay"} {
		for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "", "Origin", "http://evil.example"}, {"Sec-Fetch-Site", "", "Origin", "null"}} {
			w := o.post(path+"?lang=en", url.Values{"reason": {"x"}, "ids": {"0000000000000001"}}, headers...)
			if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "page of another site") {
				t.Errorf("%s with %v: %d", path, headers, w.Code)
			}
		}
	}
	if len(o.keeper.letters[0].Acts) > 0 {
		t.Error("something was done")
	}
}

func TestManyAreReplayedOnThePage(t *testing.T) {
	good := filed(2, delivery.Misplaced, strings.Replace(goodText, "e1", "e2", 1), "wrong topic")
	o := newOffice(t, badLetter(1), good, filed(3, delivery.Malformed, "x", "no JSON"))
	contains(t, o.page("/operations/replay?lang=en"), "Replay 3 letters?", `value="0000000000000001,0000000000000002,0000000000000003"`)
	contains(t, o.page("/operations/replay?lang=zh&kind=malformed"), "重放这 1 封死信？", `name="kind" value="malformed"`)
	contains(t, o.page("/operations/replay?lang=en&topic=nosuch"), "nothing to replay")
	w := o.post("/operations/replay", url.Values{"ids": {"0000000000000001,0000000000000002"}, "reason": {"all"}, "lang": {"en"}, "text": {"r"}})
	to := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || to != "/operations?lang=en&refused=1&replayed=1&text=r" {
		t.Fatalf("got %d %s", w.Code, to)
	}
	contains(t, o.page(to), "1 letters replayed", "1 were not taken; they stay open")
	if len(o.outbox.sent) != 1 || o.keeper.letters[1].State != delivery.Replayed || o.keeper.letters[2].Acts != nil {
		t.Errorf("sent %d, %+v", len(o.outbox.sent), o.keeper.letters)
	}
	for _, form := range []url.Values{{}, {"ids": {"x"}}, {"ids": {"0000000000000001"}, "kind": {"x"}}, {"ids": {strings.Repeat("0000000000000001,", MaxTogether) + "0000000000000001"}}} {
		if w := o.post("/operations/replay", form); w.Code != http.StatusBadRequest {
			t.Errorf("%.60v: %d", form, w.Code)
		}
	}
}

func TestOperationsPagesAreStrict(t *testing.T) {
	o := newOffice(t, someLetters()...)
	inline := regexp.MustCompile(`(?i)<script(?:>| type="text/javascript"| defer>)|<style|\sstyle=|\son\w+=|javascript:`)
	for _, target := range []string{"/operations?lang=en", "/operations/replay", "/operations/deadletters/0000000000000002", "/operations?kind=x"} {
		w := get(t, o, target)
		if w.Header().Get("Content-Security-Policy") != policy {
			t.Errorf("%s: policy %q", target, w.Header().Get("Content-Security-Policy"))
		}
		if found := inline.FindString(w.Body.String()); found != "" {
			t.Errorf("%s: %q stands in the page", target, found)
		}
	}
}

// An audit that takes long is made once, in the background, and shown when it
// is there; a young one is shown again.
func TestPagesShareAnAudit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex // audits are made in the background
		n, takes, fail := 0, time.Minute, error(nil)
		a := &audits{now: time.Now, ask: func(context.Context) (*delivery.Audit, error) {
			mu.Lock()
			n++
			audit, pause, err := &delivery.Audit{Letters: int64(n)}, takes, fail
			mu.Unlock()
			time.Sleep(pause)
			return audit, err
		}}
		made := func() int {
			mu.Lock()
			defer mu.Unlock()
			return n
		}
		next := func(pause time.Duration, err error) {
			mu.Lock()
			defer mu.Unlock()
			takes, fail = pause, err
		}
		if _, err := a.recent(t.Context()); !errors.Is(err, errAuditing) {
			t.Errorf("the first: %v", err)
		}
		left, leave := context.WithCancel(t.Context())
		leave()
		if _, err := a.recent(left); !errors.Is(err, context.Canceled) {
			t.Errorf("who left: %v", err)
		}
		time.Sleep(time.Minute)
		if got, err := a.recent(t.Context()); err != nil || got.Letters != 1 || made() != 1 {
			t.Errorf("got %v, %v after %d audits", got, err, made())
		}
		time.Sleep(auditShare*time.Minute + time.Second)
		if got, err := a.recent(t.Context()); err != nil || got.Letters != 1 || made() != 2 {
			t.Errorf("while the second is made: %v, %v", got, err)
		}
		time.Sleep(time.Hour)
		next(time.Second, errAway)
		if _, err := a.recent(t.Context()); !errors.Is(err, errAway) {
			t.Errorf("away: %v", err)
		}
		next(time.Second, nil)
		time.Sleep(auditFresh + time.Second)
		if got, err := a.recent(t.Context()); err != nil || got.Letters != 4 {
			t.Errorf("back: %v, %v", got, err)
		}
	})
}
