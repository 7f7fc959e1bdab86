package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/officepulse/deploy/embedded"
	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/gateway"
)

// recorder keeps what was published, or answers with an error.
type recorder struct {
	messages []ingest.Message
	err      error
}

func (r *recorder) Publish(_ context.Context, messages []ingest.Message) error {
	if r.err == nil {
		r.messages = append(r.messages, messages...)
	}
	return r.err
}

func newGateway(p gateway.Publisher, edit func(*gateway.Config)) *gateway.Gateway {
	config := gateway.DefaultConfig()
	config.Token = "secret"
	if edit != nil {
		edit(&config)
	}
	return gateway.New(config, p, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
}

func post(g http.Handler, media, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/api/v1/events", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer secret")
	r.Header.Set("Content-Type", media)
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return w
}

func task(n int) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":"e%d","source":"/t","type":"officepulse.task.v1","time":"2026-09-30T17:00:00+08:00",`+
		`"data":{"process":"seal","case_id":"c%d","stage":"apply","action":"submit","department":"sales"}}`, n, n)
}

func batch(events ...string) string { return "[\n " + strings.Join(events, " ,\n") + "\n]" }

func TestAccepts(t *testing.T) {
	p := &recorder{}
	g := newGateway(p, nil)
	if w := post(g, "application/cloudevents+json; charset=utf-8", task(1)); w.Code != http.StatusAccepted {
		t.Fatalf("one event: %d %s", w.Code, w.Body)
	}
	if w := post(g, event.MediaTypeBatch, batch(task(2), task(3))); w.Code != http.StatusAccepted || strings.TrimSpace(w.Body.String()) != `{"accepted":2}` {
		t.Fatalf("a batch: %d %s", w.Code, w.Body)
	}
	if w := post(g, event.MediaTypeBatch, "[]"); w.Code != http.StatusAccepted {
		t.Errorf("an empty batch: %d %s", w.Code, w.Body)
	}
	for i, m := range p.messages {
		if want := fmt.Sprintf("c%d", i+1); m.Key != want || m.Type != event.TypeTask || string(m.Value) != task(i+1) {
			t.Errorf("message %d: key %s, type %s, value %s", i, m.Key, m.Type, m.Value)
		}
	}
	if len(p.messages) != 3 {
		t.Errorf("%d messages published, want 3", len(p.messages))
	}
}

func TestRefusesWhole(t *testing.T) {
	p := &recorder{}
	w := post(newGateway(p, nil), event.MediaTypeBatch, batch(task(1), strings.Replace(task(2), "submit", "explode", 1), `{"id":"x"}`))
	if w.Code != http.StatusBadRequest || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Fatalf("got %d %s", w.Code, w.Header())
	}
	var problem gateway.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil {
		t.Fatal(err)
	}
	if len(p.messages) != 0 {
		t.Errorf("%d events published out of a refused batch", len(p.messages))
	}
	if !strings.HasPrefix(problem.Detail, "2 of 3 events") || len(problem.Errors) != 5 {
		t.Fatalf("problem is %+v", problem)
	}
	if e := problem.Errors[0]; e.Index != 1 || e.ID != "e2" || e.Pointer != "/data/action" || !strings.Contains(e.Detail, "explode") {
		t.Errorf("first error is %+v", e)
	}
	for _, e := range problem.Errors[1:] {
		if e.Index != 2 || e.ID != "x" {
			t.Errorf("of the third event: %+v", e)
		}
	}
}

func TestRefusals(t *testing.T) {
	f := func(name string, w *httptest.ResponseRecorder, code int, want ...string) {
		t.Helper()
		if w.Code != code {
			t.Errorf("%s: status %d, want %d: %s", name, w.Code, code, w.Body)
		}
		for _, s := range want {
			if !strings.Contains(w.Body.String(), s) {
				t.Errorf("%s: %s lacks %q", name, w.Body, s)
			}
		}
	}
	g := newGateway(&recorder{}, nil)
	f("media type", post(g, "text/plain", task(1)), http.StatusUnsupportedMediaType, event.MediaType, event.MediaTypeBatch)
	f("no array", post(g, event.MediaTypeBatch, task(1)), http.StatusBadRequest, "array", "begin with [")
	f("cut off array", post(g, event.MediaTypeBatch, "["+task(1)), http.StatusBadRequest, "array", "after 1 whole events")
	f("cut off event", post(g, event.MediaTypeBatch, "["+task(1)+`,{"id":`), http.StatusBadRequest, "array", "byte", "after 1 whole events")
	f("each bad event is named", post(g, event.MediaTypeBatch, batch(task(1), strings.Replace(task(2), `"id"`, `"id":"a","id"`, 1),
		strings.Replace(task(3), "apply", "\xff", 1), strings.Replace(task(4), "submit", "explode", 1))), http.StatusBadRequest,
		"3 of 4 events", `"index":1`, "duplicate", `"index":2`, "UTF-8", `"index":3`, "explode")
	f("too many events", post(g, event.MediaTypeBatch, "[1"+strings.Repeat(",1", 10_000)+"]"), http.StatusRequestEntityTooLarge, "10000 events", "smaller batches")
	f("text after array", post(g, event.MediaTypeBatch, "["+task(1)+"] x"), http.StatusBadRequest, "array")
	f("duplicate keys in a batch", post(g, event.MediaTypeBatch, batch(strings.Replace(task(1), `"id"`, `"id":"a","id"`, 1))), http.StatusBadRequest, "duplicate")
	f("invalid UTF-8", post(g, event.MediaType, strings.Replace(task(1), "apply", "\xff", 1)), http.StatusBadRequest, "UTF-8")
	f("large event", post(g, event.MediaType, strings.Replace(task(1), "apply", strings.Repeat("x", event.MaxBytes), 1)), http.StatusRequestEntityTooLarge, "262144")
	small := newGateway(&recorder{}, func(c *gateway.Config) { c.MaxBodyBytes = 100 })
	f("large body", post(small, event.MediaType, task(1)), http.StatusRequestEntityTooLarge, "100 bytes", "smaller batches")

	slow := newGateway(&recorder{}, func(c *gateway.Config) { c.EventsPerSec, c.Burst = 1, 2 })
	f("within the burst", post(slow, event.MediaTypeBatch, batch(task(1), task(2))), http.StatusAccepted)
	w := post(slow, event.MediaTypeBatch, batch(task(1), task(2)))
	f("over the rate", w, http.StatusTooManyRequests, "again later")
	if got := w.Header().Get("Retry-After"); got != "2" {
		t.Errorf("over the rate: Retry-After is %q, want 2", got)
	}

	w = post(newGateway(&recorder{err: fmt.Errorf("x: %w", ingest.ErrUnavailable)}, nil), event.MediaType, task(1))
	f("broker away", w, http.StatusServiceUnavailable, "again later")
	if w.Header().Get("Retry-After") == "" {
		t.Error("broker away: no Retry-After")
	}

	for _, auth := range []string{"", "Bearer", "Bearer wrong", "Basic secret", "secret"} {
		r := httptest.NewRequest(http.MethodPost, "/api/v1/events", strings.NewReader(task(1)))
		r.Header.Set("Authorization", auth)
		w := httptest.NewRecorder()
		g.ServeHTTP(w, r)
		f("authorization "+auth, w, http.StatusUnauthorized, "OFFICEPULSE_TOKEN")
	}
	r := httptest.NewRequest(http.MethodGet, "/api/v1/events", http.NoBody)
	w = httptest.NewRecorder()
	g.ServeHTTP(w, r)
	f("GET", w, http.StatusMethodNotAllowed, "POST")
	if none := newGateway(&recorder{}, func(c *gateway.Config) { c.Token = "" }); post(none, event.MediaType, task(1)).Code != http.StatusUnauthorized {
		t.Error("a gateway without a token takes events")
	}
}

// With the real broker gone the door answers within its bound, and says that the outcome is open.
func TestBrokerAway(t *testing.T) {
	broker, err := embedded.StartKafka(t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	brokers := []string{broker.Addr()}
	if err := ingest.EnsureTopics(t.Context(), brokers, 1); err != nil {
		t.Fatal(err)
	}
	p := ingest.NewPublisher(brokers, slog.New(slog.DiscardHandler))
	defer func() { _ = p.Close() }()
	g := newGateway(p, nil)
	if w := post(g, event.MediaType, task(1)); w.Code != http.StatusAccepted {
		t.Fatalf("broker there: %d %s", w.Code, w.Body)
	}
	broker.Close()
	if w := post(g, event.MediaType, task(2)); w.Code != http.StatusServiceUnavailable {
		t.Errorf("broker away: %d %s", w.Code, w.Body)
	}
	if err := p.Publish(t.Context(), []ingest.Message{{Type: event.TypeTask, Key: "k", Value: []byte("v")}}); !errors.Is(err, ingest.ErrUnavailable) {
		t.Errorf("publish: got %v, want ErrUnavailable", err)
	}
}

// Whatever body arrives: no panic, and either all of its events are published or none.
func FuzzBatch(f *testing.F) {
	f.Add([]byte(batch(task(1), task(2))))
	f.Add([]byte(`[{"id":"x"},]`))
	f.Add([]byte(`[ , ]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p := &recorder{}
		w := post(newGateway(p, nil), event.MediaTypeBatch, string(body))
		switch {
		case w.Code == http.StatusAccepted:
			for _, m := range p.messages {
				if e, err := event.Decode(m.Value); err != nil || e.Key() != m.Key {
					t.Fatalf("published %q: %v", m.Value, err)
				}
			}
		case w.Code >= 400 && w.Code < 500 && len(p.messages) == 0:
		default:
			t.Fatalf("status %d with %d messages published", w.Code, len(p.messages))
		}
	})
}

func BenchmarkGateway(b *testing.B) {
	var events []string
	for i := range 500 {
		events = append(events, task(i))
	}
	body := []byte(batch(events...))
	g := newGateway(&discard{}, func(c *gateway.Config) { c.EventsPerSec, c.Burst = 1e12, 1e9 })
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, "/api/v1/events", bytes.NewReader(body))
		r.Header.Set("Authorization", "Bearer secret")
		r.Header.Set("Content-Type", event.MediaTypeBatch)
		w := httptest.NewRecorder()
		if g.ServeHTTP(w, r); w.Code != http.StatusAccepted {
			b.Fatal(w.Body)
		}
	}
	b.ReportMetric(float64(500*b.N)/b.Elapsed().Seconds(), "events/s")
}

type discard struct{}

func (discard) Publish(context.Context, []ingest.Message) error { return nil }
