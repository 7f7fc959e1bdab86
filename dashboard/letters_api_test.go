package dashboard

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/delivery"
)

// api asks as an operator.
func (o *office) api(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	o.Helper()
	r := httptest.NewRequestWithContext(o.Context(), method, target, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+operatorToken)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	o.ServeHTTP(w, r)
	return w
}

func (o *office) letter(n int) LetterInFull {
	o.Helper()
	var l LetterInFull
	decode(o, o.api(http.MethodGet, fmt.Sprintf("/api/v1/deadletters/%016x", n), "").Body.Bytes(), &l)
	return l
}

func TestAuditAPI(t *testing.T) {
	o := newOffice(t)
	o.way.audit.Partitions[1].Missing = 2
	o.way.list = []delivery.Trouble{{Topic: "t", Step: "insert", Reason: "disk full", Blocked: true}}
	var got AuditReport
	decode(t, o.api(http.MethodGet, "/api/v1/audit", "").Body.Bytes(), &got)
	want := Sums{Lag: 10, Stored: 1197, DeadLettered: 3, Missing: 2}
	if got.Sums != want || len(got.Partitions) != 3 || got.Troubles[0].Reason != "disk full" || got.Sums.Accounted() != 1202 {
		t.Errorf("got %+v", got)
	}
	o.way.auditErr = errAway
	if w := o.api(http.MethodGet, "/api/v1/audit", ""); w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("away: %d %s", w.Code, w.Body)
	}
}

// Reading and acting both need the token; pages have their own rule.
func TestLetterAPIAsksForTheToken(t *testing.T) {
	o := newOffice(t, badLetter(1))
	for _, target := range []string{"/api/v1/audit", "/api/v1/deadletters", "/api/v1/deadletters/0000000000000001", "/api/v1/deadletters/0000000000000001/value"} {
		if w := get(t, o, target); w.Code != http.StatusUnauthorized {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
	for _, deed := range []string{"edit", "dry-run", "replay", "discard"} {
		w := o.api(http.MethodPost, "/api/v1/deadletters/0000000000000001/"+deed, `{"reason":"x"}`, "Authorization", "Bearer wrong")
		if w.Code != http.StatusUnauthorized || len(o.keeper.letters[0].Acts) > 0 {
			t.Errorf("%s: %d, %d acts", deed, w.Code, len(o.keeper.letters[0].Acts))
		}
	}
}

func TestListLettersAPI(t *testing.T) {
	o := newOffice(t, someLetters()...)
	f := func(query string, want ...string) {
		t.Helper()
		var got LetterList
		w := o.api(http.MethodGet, "/api/v1/deadletters?"+query, "")
		decode(t, w.Body.Bytes(), &got)
		ids := []string{}
		for _, l := range got.Letters {
			ids = append(ids, strings.TrimLeft(l.ID, "0"))
		}
		if w.Code != http.StatusOK || strings.Join(ids, " ") != strings.Join(want, " ") {
			t.Errorf("%s: %d, got %v, want %v", query, w.Code, ids, want)
		}
	}
	f("", "1", "2", "3", "4", "5", "6", "7", "8")
	f("kind=malformed", "2", "3")
	f("kind=malformed&state=open&text=JSON", "2")
	f("state=replayed")
	f("topic=nosuch")
	f("limit=3&offset=2", "3", "4", "5")
	var got LetterList
	decode(t, o.api(http.MethodGet, "/api/v1/deadletters?limit=3", "").Body.Bytes(), &got)
	if !got.More || len(got.Counts) != 7 || got.Letters[2].Preview != `no JSON` && got.Letters[2].Preview != `\x00\x01\xff\xfe binary \x1b[31m` {
		t.Errorf("got %+v", got)
	}
	for _, bad := range []string{"kind=x", "state=x", "limit=0", "limit=201", "offset=-1", "limit=1&limit=2", "colour=red", "text=%FF", "text=" + strings.Repeat("x", 300)} {
		if w := o.api(http.MethodGet, "/api/v1/deadletters?"+bad, ""); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), `"errors"`) {
			t.Errorf("%s: %d %s", bad, w.Code, w.Body)
		}
	}
}

// Whatever the bytes are, they come back: in JSON and as a download.
func TestLetterBytesSurvive(t *testing.T) {
	o := newOffice(t, someLetters()...)
	for i, l := range someLetters() {
		w := o.api(http.MethodGet, "/api/v1/deadletters/"+l.ID+"/value", "")
		h := w.Header()
		if w.Body.String() != l.Value || h.Get("Content-Type") != "application/octet-stream" || h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment;") {
			t.Errorf("letter %d: download differs, or may be shown as a page: %v", i+1, h)
		}
		got := o.letter(i + 1)
		if string(got.Value) != l.Value || string(got.Headers[1].Value) != "\x00\xff" || got.Cut != (l.ID == "0000000000000005") {
			t.Errorf("letter %d: JSON differs", i+1)
		}
		if want := l.Kind == delivery.Unreadable || got.Cut; (got.NoText != "") != want {
			t.Errorf("letter %d: no text %q", i+1, got.NoText)
		}
	}
	if w := o.api(http.MethodGet, "/api/v1/deadletters/0000000000000003", ""); !strings.Contains(w.Body.String(), `"value":{"base64":"`) {
		t.Error("bytes that are no text are not in base64")
	}
}

func TestLetterIsMendedOverTheAPI(t *testing.T) {
	o := newOffice(t, badLetter(1))
	path := "/api/v1/deadletters/0000000000000001"
	text, err := json.Marshal(LetterEdit{Text: goodText, Reason: "typing error"})
	if err != nil {
		t.Fatal(err)
	}
	f := func(deed, body string, status int, want string) {
		t.Helper()
		if w := o.api(http.MethodPost, path+"/"+deed, body, "X-Actor", "王芳"); w.Code != status || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s, want %d %s", deed, w.Code, w.Body, status, want)
		}
	}
	f("dry-run", "", http.StatusUnprocessableEntity, `aprove`)
	f("replay", "", http.StatusUnprocessableEntity, `is not allowed`)
	f("edit", string(text), http.StatusOK, "kept; would be taken")
	f("dry-run", "", http.StatusOK, "would be taken as event e1")
	f("replay", `{"reason":"mended"}`, http.StatusOK, "taken as event e1")
	f("replay", "", http.StatusOK, "not sent again")
	f("discard", `{"reason":" "}`, http.StatusUnprocessableEntity, "say why")
	if len(o.outbox.sent) != 1 || o.outbox.sent[0] != goodText {
		t.Errorf("sent %q", o.outbox.sent)
	}
	l := o.letter(1)
	if l.State != delivery.Replayed || string(l.Text) != goodText || len(l.Acts) != 7 || l.Acts[2].Actor != "王芳" || l.Acts[2].Reason != "typing error" || string(l.Value) == goodText {
		t.Errorf("got %+v", l)
	}
	o.api(http.MethodPost, path+"/discard", `{"reason":"a test"}`)
	if l := o.letter(1); l.State != delivery.Discarded || l.Acts[7].Actor != "operator" {
		t.Errorf("state %s by %s", l.State, l.Acts[7].Actor)
	}
}

// A broker that does not answer is no fault of the letter's.
func TestReplayWhileKafkaIsAway(t *testing.T) {
	o := newOffice(t, filed(1, delivery.Misplaced, goodText, "wrong topic"))
	o.outbox.fail = fmt.Errorf("publish: %w: dial tcp 10.1.2.3: secret", ingest.ErrUnavailable)
	w := o.api(http.MethodPost, "/api/v1/deadletters/0000000000000001/replay", "")
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("got %d %v %s", w.Code, w.Header(), w.Body)
	}
	if w := o.api(http.MethodPost, "/api/v1/deadletters/replay", `{"filter":{}}`); !strings.Contains(w.Body.String(), `"replayed":0,"refused":0,"failed":1`) {
		t.Errorf("many: %s", w.Body)
	}
	if l := o.letter(1); l.State != delivery.Open || len(l.Acts) != 2 {
		t.Errorf("state %s, %d acts", l.State, len(l.Acts))
	}
}

func TestReplayManyOverTheAPI(t *testing.T) {
	good := filed(2, delivery.Misplaced, strings.Replace(goodText, "e1", "e2", 1), "wrong topic")
	o := newOffice(t, badLetter(1), good)
	var got LettersReplayed
	decode(t, o.api(http.MethodPost, "/api/v1/deadletters/replay", `{"filter":{},"reason":"both"}`).Body.Bytes(), &got)
	if got.Replayed != 1 || got.Refused != 1 || got.More || len(got.Outcomes) != 2 || !strings.Contains(got.Outcomes[0].Outcome, "is not allowed") || !got.Outcomes[1].OK {
		t.Errorf("got %+v", got)
	}
	decode(t, o.api(http.MethodPost, "/api/v1/deadletters/replay", `{"ids":["0000000000000002","0000000000000002","00000000000000ff"]}`).Body.Bytes(), &got)
	if got.Replayed != 1 || got.Refused != 1 || len(got.Outcomes) != 2 || len(o.outbox.sent) != 1 {
		t.Errorf("by id: got %+v, sent %d", got, len(o.outbox.sent))
	}
	many := []delivery.Filed{}
	for n := range MaxTogether + 1 {
		many = append(many, filed(n, delivery.Misplaced, goodText, "wrong topic"))
	}
	o = newOffice(t, many...)
	decode(t, o.api(http.MethodPost, "/api/v1/deadletters/replay", `{"filter":{"kind":"misplaced"}}`).Body.Bytes(), &got)
	if got.Replayed != MaxTogether || !got.More {
		t.Errorf("replayed %d, more %v", got.Replayed, got.More)
	}
}

func TestBadBodies(t *testing.T) {
	o := newOffice(t, badLetter(1))
	f := func(path, body string, status int) {
		t.Helper()
		w := o.api(http.MethodPost, "/api/v1/deadletters/"+path, body)
		if w.Code != status || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %.40q: got %d %s", path, body, w.Code, w.Body)
		}
	}
	one := "0000000000000001/"
	f(one+"edit", "", http.StatusBadRequest)
	f(one+"edit", "{", http.StatusBadRequest)
	f(one+"edit", `{"text":1}`, http.StatusBadRequest)
	f(one+"edit", `{"text":"a","txt":"b"}`, http.StatusBadRequest)
	f(one+"edit", "{\"text\":\"\xff\"}", http.StatusBadRequest)
	f(one+"edit", `{"text":"`+strings.Repeat("x", 300<<10)+`"}`, http.StatusUnprocessableEntity)
	f(one+"edit", `{"text":"`+strings.Repeat("x", maxRequestBytes)+`"}`, http.StatusRequestEntityTooLarge)
	f(one+"discard", `{"reason":"`+strings.Repeat("x", maxReasonBytes+1)+`"}`, http.StatusBadRequest)
	f(one+"dry-run", `{"text":"x"}`, http.StatusBadRequest)
	f("00000000000000aa/replay", "", http.StatusNotFound)
	f("nosuch/replay", "", http.StatusNotFound)
	f("NOSUCHNOSUCHNOSU/edit", "{}", http.StatusNotFound)
	for _, many := range []string{`{}`, `{"ids":[]}`, `{"ids":["x"]}`, `{"ids":["0000000000000001"],"filter":{}}`, `{"filter":{"kind":"x"}}`, `{"filter":{"state":"x"}}`, `{"filter":{"text":"` + strings.Repeat("x", 300) + `"}}`, `{"ids":[` + strings.Repeat(`"0000000000000001",`, MaxTogether) + `"0000000000000001"]}`} {
		f("replay", many, http.StatusBadRequest)
	}
	if w := o.api(http.MethodPost, "/api/v1/deadletters/0000000000000001/replay", "", "X-Actor", strings.Repeat("x", 101)); w.Code != http.StatusBadRequest {
		t.Errorf("a long actor: %d", w.Code)
	}
	if n := len(o.keeper.letters[0].Acts); n != 1 { // the edit that was too long
		t.Errorf("%d acts, want 1", n)
	}
	o.keeper.fail = errAway
	if w := o.api(http.MethodGet, "/api/v1/deadletters", ""); w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("away: %d %s", w.Code, w.Body)
	}
}
