package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/gateway"
)

// Files in the data directory by which the commands find a service on the same machine.
const (
	tokenFile   = "token"
	addressFile = "address"
)

const (
	requestTimeout = 60 * time.Second
	patience       = 10 * time.Minute // with a server that is busy or away
	longestWait    = 30 * time.Second // between two attempts
)

// client talks to a running service.
type client struct {
	server string // http://host:port
	token  string
	http   *http.Client
}

func addClientFlags(flags *pflag.FlagSet) {
	flags.String("server", "", "address of the service, http://… (default: the one that uses the data directory) [OFFICEPULSE_SERVER]")
	flags.String("data", defaultDataDir(), "data directory of the service on this machine, for its address and token [OFFICEPULSE_DATA]")
}

// newClient finds the service and its token: from the flags, the environment,
// or the data directory of a service on this machine.
func newClient(flags *pflag.FlagSet) (*client, error) {
	data := stringFlag(flags, "data", "OFFICEPULSE_DATA")
	c := &client{
		server: strings.TrimSuffix(stringFlag(flags, "server", "OFFICEPULSE_SERVER"), "/"),
		token:  os.Getenv("OFFICEPULSE_TOKEN"),
		http:   &http.Client{Timeout: requestTimeout},
	}
	if c.server == "" {
		text, err := os.ReadFile(filepath.Join(data, addressFile)) //nolint:gosec // the user names the directory
		if err != nil {
			return nil, fmt.Errorf("no service runs with the data directory %s; start one with \"officepulse serve\", or name one with --server", data)
		}
		c.server = strings.TrimSpace(string(text))
	}
	if u, err := url.Parse(c.server); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("--server: %q is no address such as http://127.0.0.1:8080", c.server)
	}
	if c.token == "" {
		text, err := os.ReadFile(filepath.Join(data, tokenFile)) //nolint:gosec // the user names the directory
		if err != nil {
			return nil, errors.New("no token: set OFFICEPULSE_TOKEN to that of the service, or name its data directory with --data")
		}
		c.token = strings.TrimSpace(string(text))
	}
	return c, nil
}

// stringFlag is a flag's value when it was given, else the environment's, else its default.
func stringFlag(flags *pflag.FlagSet, name, variable string) string {
	f := flags.Lookup(name)
	if v := os.Getenv(variable); v != "" && !f.Changed {
		return v
	}
	return f.Value.String()
}

// send publishes a batch of events through the gateway and returns once Kafka
// has them. It waits with a server that is busy or away, for minutes.
func (c *client) send(ctx context.Context, events []event.Event) error {
	body, err := encodeBatch(events)
	if err != nil {
		return err
	}
	deadline := time.Now().Add(patience)
	for wait := time.Second; ; wait = min(2*wait, longestWait) {
		pause, err := c.post(ctx, body)
		if err == nil {
			return nil
		}
		if pause == 0 || ctx.Err() != nil || time.Now().After(deadline) {
			return fmt.Errorf("send %d events: %w", len(events), err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(max(pause, wait)):
		}
	}
}

// post sends a body once. A pause above 0 says that trying again may help.
func (c *client) post(ctx context.Context, body []byte) (pause time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.server+"/api/v1/events", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", event.MediaTypeBatch)
	req.Header.Set("Authorization", "Bearer "+c.token)
	resp, err := c.http.Do(req)
	if err != nil {
		return time.Second, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusAccepted {
		_, err = io.Copy(io.Discard, resp.Body)
		return 0, err
	}
	if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable {
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		pause = max(time.Duration(seconds)*time.Second, time.Second)
	}
	return pause, refusal(resp)
}

// refusal turns an answer into an error with the server's own words.
func refusal(resp *http.Response) error {
	if resp.StatusCode == http.StatusUnauthorized {
		return errors.New("the token is not that of the service: set OFFICEPULSE_TOKEN to the one it was started with, or unset it and name its data directory with --data")
	}
	var p anyProblem
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&p); err != nil || p.Detail == "" {
		return fmt.Errorf("the server answered %s", resp.Status)
	}
	var text strings.Builder
	text.WriteString(p.Detail)
	for _, e := range p.Errors {
		text.WriteString("\n  " + e.text())
	}
	return fmt.Errorf("the server answered %s: %s", resp.Status, text.String())
}

// anyProblem is a problem of any part of the service (RFC 9457).
type anyProblem struct {
	Detail string       `json:"detail"`
	Errors []anyMistake `json:"errors"`
}

// anyMistake is about an event, a parameter or a line of the handbook.
type anyMistake struct {
	gateway.EventProblem

	Parameter string `json:"parameter"`
	Line      int    `json:"line"`
	Remedy    string `json:"remedy"`
}

func (m *anyMistake) text() string {
	switch {
	case m.Remedy != "" || m.Line > 0:
		return handbook.LineError{Line: m.Line, Text: m.Detail, Remedy: m.Remedy}.Error()
	case m.Parameter != "":
		return m.Parameter + ": " + m.Detail
	default:
		return fmt.Sprintf("event %d (%s) %s: %s", m.Index, m.ID, strings.TrimPrefix(m.Pointer, "/"), m.Detail)
	}
}

func encodeBatch(events []event.Event) ([]byte, error) {
	var body bytes.Buffer
	body.WriteByte('[')
	for i := range events {
		if i > 0 {
			body.WriteByte(',')
		}
		one, err := events[i].Encode()
		if err != nil {
			return nil, err
		}
		body.Write(one)
	}
	body.WriteByte(']')
	return body.Bytes(), nil
}

func (c *client) status(ctx context.Context) (*Status, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.server+"/api/v1/status", http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the service at %s: %w", c.server, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, refusal(resp)
	}
	var s Status
	if err := json.NewDecoder(resp.Body).Decode(&s); err != nil {
		return nil, fmt.Errorf("read the status: %w", err)
	}
	return &s, nil
}

// waitStored returns once everything that is in Kafka now can be queried.
func (c *client) waitStored(ctx context.Context) error {
	start, err := c.status(ctx)
	if err != nil {
		return err
	}
	if len(start.Faults) > 0 {
		return errors.New(strings.Join(start.Faults, "; "))
	}
	failed := 0
	var stored time.Time // zero until everything is
	for s := start; ; {
		waiting := ingest.Behind(s.Partitions, start.Partitions)
		if waiting == 0 && stored.IsZero() {
			stored = s.Stored
		}
		if waiting == 0 && !s.AsOf.Before(stored) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait until %d events are stored: %w", waiting, ctx.Err())
		case <-time.After(storedPollEvery):
		}
		next, err := c.status(ctx)
		if err == nil && len(next.Faults) == 0 {
			s, failed = next, 0
			continue
		}
		if err == nil {
			err = errors.New(strings.Join(next.Faults, "; "))
		}
		if failed++; failed > storedPatience {
			return fmt.Errorf("wait until %d events are stored: %w", waiting, err)
		}
	}
}

const (
	storedPollEvery = 100 * time.Millisecond
	storedPatience  = 300 // polls in a row that may fail: a restart of a part takes seconds
)
