// Package gateway is the HTTP door for events: CloudEvents in structured JSON
// mode, one or a batch, taken only once Kafka has them for good. A batch is
// taken whole or refused whole, with every problem named.
package gateway

import (
	"bytes"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/event"
)

// Publisher puts messages where they are safe; nil means that all of them are.
type Publisher interface {
	Publish(ctx context.Context, messages []ingest.Message) error
}

// Config is what the door lets through.
type Config struct {
	Token        string     // bearer token that senders show
	MaxBodyBytes int64      // of one request
	EventsPerSec rate.Limit // on average, over all requests
	Burst        int        // events at once above that
}

// DefaultConfig returns generous limits; Token has to be set.
func DefaultConfig() Config {
	return Config{MaxBodyBytes: 16 << 20, EventsPerSec: 200_000, Burst: 400_000}
}

const (
	maxProblems = 100      // named in one answer; the rest is counted
	maxEvents   = 10_000   // in one request
	maxInHand   = 96 << 20 // bytes of requests that are being read and checked
	retryAfter  = 5 * time.Second
)

// Gateway is an [http.Handler] for POST /api/v1/events.
type Gateway struct {
	config    Config
	publisher Publisher
	limiter   *rate.Limiter
	inHand    *semaphore.Weighted
	logger    *slog.Logger
	now       func() time.Time

	accepted *prometheus.CounterVec // events, by type
	refused  *prometheus.CounterVec // requests, by status
	invalid  prometheus.Counter     // events
}

// New returns a Gateway that publishes through p.
func New(config Config, p Publisher, r prometheus.Registerer, logger *slog.Logger) *Gateway {
	g := &Gateway{
		config: config, publisher: p, limiter: rate.NewLimiter(config.EventsPerSec, config.Burst), inHand: semaphore.NewWeighted(maxInHand), logger: logger, now: time.Now,
		accepted: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "officepulse_events_accepted_total", Help: "Events acknowledged to their sender.",
		}, []string{"type"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "officepulse_requests_refused_total", Help: "Requests of events refused as a whole, by HTTP status.",
		}, []string{"status"}),
		invalid: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "officepulse_events_refused_total", Help: "Events that could not be taken for what they are; the others of their batches are not counted.",
		}),
	}
	r.MustRegister(g.accepted, g.refused, g.invalid)
	return g
}

// ServeHTTP takes a request of events.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	accepted, refusal := g.take(w, r)
	if refusal != nil {
		g.refused.WithLabelValues(strconv.Itoa(refusal.Status)).Inc()
		refusal.write(w)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_ = json.MarshalWrite(w, answer{Accepted: accepted}) // the client is gone if this fails
}

// answer says how many events are safe now.
type answer struct {
	Accepted int `json:"accepted"`
}

func (g *Gateway) take(w http.ResponseWriter, r *http.Request) (int, *Problem) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return 0, problem(http.StatusMethodNotAllowed, "Events are sent with POST")
	}
	if !g.authorized(r) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="officepulse"`)
		return 0, problem(http.StatusUnauthorized, `Send the token of this server as "Authorization: Bearer …"; it is OFFICEPULSE_TOKEN or the file "token" in the data directory`)
	}
	room := min(g.config.MaxBodyBytes, maxInHand)
	if r.ContentLength >= 0 {
		room = min(room, r.ContentLength)
	}
	if !g.inHand.TryAcquire(room) {
		w.Header().Set("Retry-After", seconds(retryAfter))
		return 0, problem(http.StatusServiceUnavailable, "Too much is being taken in at once; send the same events again later")
	}
	defer g.inHand.Release(room)
	body, refusal := g.read(w, r)
	if refusal != nil {
		return 0, refusal
	}
	messages, refusal := g.parse(r, body)
	if refusal != nil {
		return 0, refusal
	}
	if refusal := g.throttle(w, len(messages)); refusal != nil {
		return 0, refusal
	}
	if err := g.publisher.Publish(r.Context(), messages); err != nil {
		g.logger.WarnContext(r.Context(), "events not acknowledged", "events", len(messages), "error", err)
		w.Header().Set("Retry-After", seconds(retryAfter))
		return 0, problem(http.StatusServiceUnavailable, "Kafka did not acknowledge the events in time. Send the same events again later; what arrives twice counts once")
	}
	counts := make(map[event.Type]int)
	for _, m := range messages {
		counts[m.Type]++
	}
	for t, n := range counts {
		g.accepted.WithLabelValues(string(t)).Add(float64(n))
	}
	return len(messages), nil
}

// Check reports whether the door would take one event, given as its text in
// structured JSON mode, and returns its id. The error lists all that is wrong.
func (g *Gateway) Check(_ context.Context, text []byte) (id string, err error) {
	_, e, err := one(text, g.now())
	return e.ID, err
}

// Take publishes one event, given as its text in structured JSON mode, and
// returns its id once Kafka has it.
func (g *Gateway) Take(ctx context.Context, text []byte) (id string, err error) {
	m, e, err := one(text, g.now())
	if err != nil {
		return e.ID, err
	}
	if err := g.publisher.Publish(ctx, []ingest.Message{m}); err != nil {
		return e.ID, fmt.Errorf("Kafka did not acknowledge the event; try again later: %w", err) //nolint:staticcheck // Kafka is a name
	}
	g.accepted.WithLabelValues(string(m.Type)).Inc()
	return e.ID, nil
}

// one checks one event.
func one(text []byte, now time.Time) (ingest.Message, event.Event, error) {
	e, err := event.Decode(text)
	if err == nil {
		err = e.Validate(now)
	}
	if err != nil {
		return ingest.Message{}, e, err
	}
	return ingest.Message{Type: e.Type, Key: e.Key(), Value: text}, e, nil
}

func (g *Gateway) authorized(r *http.Request) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && g.config.Token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(g.config.Token)) == 1
}

func (g *Gateway) read(w http.ResponseWriter, r *http.Request) ([]byte, *Problem) {
	tooLong := problem(http.StatusRequestEntityTooLarge, fmt.Sprintf("A request may have %d bytes at most; send the events in smaller batches", g.config.MaxBodyBytes))
	if r.ContentLength > g.config.MaxBodyBytes {
		return nil, tooLong
	}
	var body bytes.Buffer
	if n := r.ContentLength; n > 0 && n <= g.config.MaxBodyBytes {
		body.Grow(int(n) + bytes.MinRead)
	}
	_, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, g.config.MaxBodyBytes))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, tooLong
	}
	if err != nil {
		return nil, problem(http.StatusBadRequest, "The request broke off before its end; send it again")
	}
	return body.Bytes(), nil
}

// parse takes the request apart and checks every event.
func (g *Gateway) parse(r *http.Request, body []byte) ([]ingest.Message, *Problem) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		media = r.Header.Get("Content-Type")
	}
	switch media {
	case event.MediaType:
		return g.check([]jsontext.Value{body})
	case event.MediaTypeBatch:
		values, err := split(body)
		if errors.Is(err, errTooMany) {
			return nil, problem(http.StatusRequestEntityTooLarge, fmt.Sprintf("A request may have %d events at most; send smaller batches", maxEvents))
		}
		if err != nil {
			return nil, problem(http.StatusBadRequest, fmt.Sprintf("The body is no JSON array of events: %v, after %d whole events", err, len(values)))
		}
		return g.check(values)
	default:
		return nil, problem(http.StatusUnsupportedMediaType, fmt.Sprintf("Content-Type is %q; use %s for one event or %s for a JSON array of events", media, event.MediaType, event.MediaTypeBatch))
	}
}

var errTooMany = errors.New("too many events")

// split returns the elements of a JSON array, as they stand in body. What is
// wrong inside of one is left to its decoding, which can name it.
func split(body []byte) ([]jsontext.Value, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	open, err := dec.ReadToken()
	if err != nil {
		return nil, errors.New("it is no JSON")
	}
	if open.Kind() != '[' {
		return nil, errors.New("it does not begin with [")
	}
	var values []jsontext.Value
	for dec.PeekKind() != ']' {
		if len(values) == maxEvents {
			return nil, errTooMany
		}
		start := dec.InputOffset()
		if _, err := dec.ReadValue(); err != nil {
			return values, fmt.Errorf("the JSON breaks off or is broken at byte %d", dec.InputOffset())
		}
		element := body[start:dec.InputOffset()]
		values = append(values, bytes.TrimLeft(element, ", \t\r\n"))
	}
	if _, err := dec.ReadToken(); err != nil {
		return values, errors.New("the closing ] is missing")
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return values, errors.New("there is text after the closing ]")
	}
	return values, nil
}

func (g *Gateway) check(values []jsontext.Value) ([]ingest.Message, *Problem) {
	messages := make([]ingest.Message, 0, len(values))
	refusal := problem(http.StatusBadRequest, "")
	bad, now := 0, g.now()
	for i, v := range values {
		m, e, err := one(v, now)
		if err == nil {
			messages = append(messages, m)
			continue
		}
		bad++
		if len(v) > event.MaxBytes {
			refusal.Status = http.StatusRequestEntityTooLarge
		}
		refusal.add(i, e.ID, err)
	}
	if bad == 0 {
		return messages, nil
	}
	g.invalid.Add(float64(bad))
	refusal.Title = http.StatusText(refusal.Status)
	refusal.Detail = fmt.Sprintf("%d of %d events cannot be taken, so none was; correct them and send all again", bad, len(values))
	return nil, refusal
}

func (g *Gateway) throttle(w http.ResponseWriter, events int) *Problem {
	reservation := g.limiter.ReserveN(g.now(), min(events, g.config.Burst))
	if delay := reservation.DelayFrom(g.now()); delay > 0 {
		reservation.CancelAt(g.now())
		w.Header().Set("Retry-After", seconds(delay))
		return problem(http.StatusTooManyRequests, fmt.Sprintf("More than %.0f events a second arrive; send this batch again later", float64(g.config.EventsPerSec)))
	}
	return nil
}

// seconds is d as Retry-After wants it, rounded up.
func seconds(d time.Duration) string {
	return strconv.Itoa(int((d + time.Second - 1) / time.Second))
}

// Problem is an answer of RFC 9457.
type Problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail"`
	Errors []EventProblem `json:"errors,omitempty"` // at most the first hundred
}

// EventProblem is one thing wrong with one event of the request.
type EventProblem struct {
	Index   int    `json:"index"`        // of the event in the batch, from 0
	ID      string `json:"id,omitempty"` // of the event, when it could be read
	Pointer string `json:"pointer"`      // JSON pointer into the event
	Detail  string `json:"detail"`
}

func problem(status int, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

func (p *Problem) add(index int, id string, err error) {
	found := []event.Problem{{Detail: err.Error()}}
	if invalid, ok := errors.AsType[*event.InvalidError](err); ok {
		found = invalid.Problems
	}
	for _, f := range found {
		if len(p.Errors) < maxProblems {
			p.Errors = append(p.Errors, EventProblem{Index: index, ID: id, Pointer: f.Pointer, Detail: f.Detail})
		}
	}
}

func (p *Problem) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.MarshalWrite(w, p) // the client is gone if this fails
}
