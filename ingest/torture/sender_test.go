package torture

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/cmd/officepulse/demo"
	"example.com/officepulse/ingest/event"
)

const (
	usualRate   = 400 // events a second
	manyConns   = 64
	longestWait = 500 * time.Millisecond
	answerBound = 15 * time.Second // the publisher's bound, and half of it again for a machine that is busy with faults
	sendsFor    = 5 * time.Minute  // the same batch; longer than any outage of the matrix
)

// story is what happens in an office in about n events, two years long, as its
// systems send it: mostly in order, some late, some twice.
func story(t *testing.T, n int) []event.Event {
	t.Helper()
	var events []event.Event
	_, err := demo.Generate(demo.Options{Events: int64(n)}, handbook.Default(), func(e event.Event) error {
		events = append(events, e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// sender is the office's systems: they send each batch until it is taken, and
// remember what was.
type sender struct {
	t      *testing.T
	url    string
	client *http.Client
	events []event.Event
	batch  int // events in one request
	atOnce int // requests

	mu      sync.Mutex
	next    int
	acked   map[string]bool // ids of events that were answered with 202
	refused map[int]int     // requests, by status
	wrong   []string        // what an answer must not be
	slowest time.Duration
}

func newSender(t *testing.T, url string, events []event.Event) *sender {
	t.Helper()
	return &sender{
		t: t, url: url, events: events, batch: 20, atOnce: 4, acked: make(map[string]bool), refused: make(map[int]int),
		client: &http.Client{Timeout: 2 * answerBound, Transport: &http.Transport{MaxIdleConnsPerHost: manyConns}},
	}
}

// send sends the rest of the story at a rate until it is told to stop; the
// returned function does that and waits until all that was begun is taken.
func (s *sender) send(rate int) (stop func()) {
	stopped := make(chan struct{})
	var working sync.WaitGroup
	for range s.atOnce {
		working.Go(func() {
			tick := time.NewTicker(time.Second * time.Duration(s.batch*s.atOnce) / time.Duration(rate))
			defer tick.Stop()
			for {
				select {
				case <-stopped:
					return
				case <-tick.C:
				}
				batch := s.take()
				if len(batch) == 0 {
					return
				}
				s.deliver(batch)
			}
		})
	}
	return sync.OnceFunc(func() { close(stopped); working.Wait() })
}

// sendRest sends what is left of the story as fast as it is taken.
func (s *sender) sendRest() {
	var working sync.WaitGroup
	for range s.atOnce {
		working.Go(func() {
			for batch := s.take(); len(batch) > 0; batch = s.take() {
				s.deliver(batch)
			}
		})
	}
	working.Wait()
}

func (s *sender) take() []event.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	batch := s.events[s.next:min(len(s.events), s.next+s.batch)]
	s.next += len(batch)
	return batch
}

// deliver sends a batch again and again until it is taken.
func (s *sender) deliver(batch []event.Event) {
	body := []byte{'['}
	for i := range batch {
		text, err := batch[i].Encode()
		if err != nil {
			s.t.Errorf("encode: %v", err)
			return
		}
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, text...)
	}
	body = append(body, ']')
	deadline := time.Now().Add(sendsFor)
	for !s.post(batch, body) {
		if time.Now().After(deadline) {
			s.t.Errorf("a batch was refused for %v", sendsFor)
			return
		}
	}
}

// post sends a batch once. When it is refused, post waits as it is told to,
// though not with the patience of a real source, and reports false.
func (s *sender) post(batch []event.Event, body []byte) (taken bool) {
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		s.t.Errorf("make a request: %v", err)
		return true
	}
	request.Header.Set("Content-Type", event.MediaTypeBatch)
	request.Header.Set("Authorization", "Bearer "+token)
	began := time.Now()
	answer, err := s.client.Do(request)
	if err != nil {
		s.note(0, time.Since(began), fmt.Sprintf("no answer: %v", err))
		return s.t.Context().Err() != nil
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	took := time.Since(began)
	switch status := answer.StatusCode; status {
	case http.StatusAccepted:
		s.note(status, took, "")
		s.mu.Lock()
		defer s.mu.Unlock()
		for i := range batch {
			s.acked[batch[i].ID] = true
		}
		return true
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
		if err != nil || seconds < 1 {
			s.note(status, took, fmt.Sprintf("status %d with Retry-After %q", status, answer.Header.Get("Retry-After")))
		}
		s.note(status, took, "")
		time.Sleep(min(time.Duration(seconds)*time.Second, longestWait))
		return false
	default:
		s.note(status, took, fmt.Sprintf("status %d", status))
		return true
	}
}

func (s *sender) note(status int, took time.Duration, wrong string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slowest = max(s.slowest, took)
	if took > answerBound {
		s.wrong = append(s.wrong, fmt.Sprintf("an answer after %v", took))
	}
	if wrong != "" {
		s.wrong = append(s.wrong, wrong)
	}
	if status != http.StatusAccepted {
		s.refused[status]++
	}
}

// acknowledged are the ids that were taken.
func (s *sender) acknowledged() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.acked))
}

func (s *sender) refusals(status int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused[status]
}

// waitTaken returns once n more events were taken than when it was called.
func (s *sender) waitTaken(n int) {
	s.t.Helper()
	s.mu.Lock()
	n += len(s.acked)
	s.mu.Unlock()
	waitFor(s.t, fmt.Sprintf("%d events to be taken", n), func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.acked) >= n
	})
}

// waitFor polls until ok.
func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	waitForUpTo(t, func() string { return what }, patience, ok)
}

func waitForUpTo(t *testing.T, what func() string, limit time.Duration, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v for %s", limit, what())
		}
		time.Sleep(10 * time.Millisecond) // between two looks; the condition decides
	}
}
