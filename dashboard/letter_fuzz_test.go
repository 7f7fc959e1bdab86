package dashboard

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/ingest/delivery"
	"example.com/officepulse/ingest/event"
)

// FuzzLetterEditor puts arbitrary bytes where a dead letter and its corrected
// text stand, and does everything with them that a person may. Nothing panics,
// a page is a page whatever is in it, the letter's own bytes stay, and what
// goes through the door is an event for whoever reads it.
func FuzzLetterEditor(f *testing.F) {
	for _, value := range []string{goodText, badText, "", "\x00\xff", `{"a":`, strings.Repeat("[", 200), "</textarea><script>", goodText + "\r\n", strings.Replace(goodText, "}", "\ufeff}", 1)} {
		f.Add(value, goodText, "1.0")
		f.Add(goodText, value, "")
	}
	gin.SetMode(gin.TestMode)
	k, o := &keeper{}, &outbox{}
	desk, router := realDesk(k, o), gin.New()
	if err := Routes(router, withDefaults(Dependencies{Desk: desk})); err != nil { // slow, so once
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, value, text, binaryMode string) {
		l := filed(1, delivery.Invalid, value, value)
		l.Headers = []delivery.Header{{Name: "ce_specversion", Value: binaryMode}, {Name: value, Value: text}}
		k.letters, o.sent = []delivery.Filed{l}, nil
		look := func() {
			t.Helper()
			w := get(t, router, letterPath(l.ID)+"?done=1&lang=en")
			if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "<script>") || strings.Count(w.Body.String(), "</textarea>") != 1 {
				t.Fatalf("the page: %d", w.Code)
			}
		}
		look()
		edited, err := desk.Edit(t.Context(), l.ID, text, "a", text)
		if (err == nil) != (len(text) <= event.MaxBytes) {
			t.Fatalf("edit: %v", err)
		}
		_, dryErr := desk.DryRun(t.Context(), l.ID, "a")
		act, err := desk.Replay(t.Context(), l.ID, "a", "")
		if (err == nil) != (dryErr == nil) || act.OK != (len(o.sent) == 1) {
			t.Fatalf("dry run says %v, replay %v with %d sent", dryErr, err, len(o.sent))
		}
		for _, sent := range o.sent {
			if _, err := event.Decode([]byte(sent)); err != nil || edited.OK && sent != text {
				t.Fatalf("sent %q, which is no event or not what was kept: %v", sent, err)
			}
		}
		look()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, letterPath(l.ID)+"/check", strings.NewReader(url.Values{"text": {text}, "reason": {value}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		router.ServeHTTP(w, r)
		if w.Code >= http.StatusInternalServerError {
			t.Fatalf("the form: %d", w.Code)
		}
		look()
		if k.letters[0].Value != value {
			t.Fatal("the letter's own bytes changed")
		}
	})
}
