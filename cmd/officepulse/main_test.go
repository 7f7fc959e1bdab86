package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/deploy/embedded"
	"example.com/officepulse/deploy/embedded/enginetest"
)

// asProgram makes this test binary behave as officepulse itself, so that tests
// can start, kill and measure the real program without building it anew.
const asProgram = "OFFICEPULSE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	embedded.RunIfChild()
	if os.Getenv(asProgram) != "" {
		_ = os.Unsetenv(asProgram) // the engine's child must not see it
		main()
		return
	}
	os.Exit(m.Run())
}

// service is a serve command running in this process.
type service struct {
	tb   testing.TB
	data string
	url  string
	out  *lockedBuffer
	stop func() error
}

// lockedBuffer is a buffer that one goroutine writes and another reads.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// useRealKafka points every serve of this test to the real broker, empty at
// first, when the tests are to use one.
func useRealKafka(tb testing.TB) {
	tb.Helper()
	if enginetest.RealKafka() != "" && os.Getenv("OFFICEPULSE_KAFKA_BROKERS") == "" {
		tb.Setenv("OFFICEPULSE_KAFKA_BROKERS", enginetest.Kafka(tb))
	}
}

// startService runs "officepulse serve" on a free port with its data in dir.
func startService(tb testing.TB, dir string, args ...string) *service {
	tb.Helper()
	useRealKafka(tb)
	s := &service{tb: tb, data: dir, out: &lockedBuffer{}}
	ctx, cancel := context.WithCancel(tb.Context())
	done := make(chan error, 1)
	go func() {
		cmd := root()
		cmd.SetArgs(append([]string{"serve", "--data", dir, "--listen", "127.0.0.1:0", "--ready-quarters", "0", "--log-level", "warn"}, args...))
		cmd.SetErr(s.out)
		done <- cmd.ExecuteContext(ctx)
	}()
	var once sync.Once
	var stopped error
	s.stop = func() error {
		once.Do(func() { cancel(); stopped = <-done })
		return stopped
	}
	tb.Cleanup(func() { _ = s.stop() })
	s.waitFor("the service", func() bool {
		select {
		case err := <-done:
			done <- err
			tb.Fatalf("serve ended: %v\n%s", err, s.out)
		default:
		}
		text, err := os.ReadFile(filepath.Join(dir, addressFile))
		s.url = strings.TrimSpace(string(text))
		return err == nil && s.url != ""
	})
	return s
}

// waitFor polls until ok; three minutes without it fail the test.
func (s *service) waitFor(what string, ok func() bool) {
	s.tb.Helper()
	deadline := time.Now().Add(3 * time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			s.tb.Fatalf("waited three minutes for %s\n%s", what, s.out)
		}
		time.Sleep(10 * time.Millisecond) // between two looks; the condition decides
	}
}

// command runs one of the tools against the service and returns its output.
func (s *service) command(args ...string) (stdout string, err error) {
	s.tb.Helper()
	var out bytes.Buffer
	cmd := root()
	cmd.SetArgs(append(args, "--data", s.data))
	cmd.SetOut(&out)
	cmd.SetErr(io.Discard)
	err = cmd.ExecuteContext(s.tb.Context())
	return out.String(), err
}

func (s *service) must(args ...string) string {
	s.tb.Helper()
	out, err := s.command(args...)
	if err != nil {
		s.tb.Fatalf("officepulse %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (s *service) get(path string) (int, []byte) {
	s.tb.Helper()
	req, err := http.NewRequestWithContext(s.tb.Context(), http.MethodGet, s.url+path, http.NoBody)
	if err != nil {
		s.tb.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.tb.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.tb.Fatal(err)
	}
	return resp.StatusCode, body
}

// answer is analytics.Result as it arrives over the API.
type answer struct {
	analytics.Result
	Rows json.RawMessage `json:"rows"`
}

// metric asks the metrics API; the arguments are name and value in turn.
func (s *service) metric(name string, params ...string) answer {
	s.tb.Helper()
	values := url.Values{}
	for i := 0; i < len(params); i += 2 {
		values.Set(params[i], params[i+1])
	}
	path := "/api/v1/metrics/" + name + "?" + values.Encode()
	status, body := s.get(path)
	if status != http.StatusOK {
		s.tb.Fatalf("GET %s: %d %s", path, status, body)
	}
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		s.tb.Fatalf("GET %s: %v in %s", path, err, body)
	}
	return a
}

// series returns the points of one series by period.
func (a *answer) series(tb testing.TB, key string) map[string]analytics.Point {
	tb.Helper()
	for _, s := range a.Series {
		if s.Key == key {
			points := make(map[string]analytics.Point)
			for _, p := range s.Points {
				points[p.Period] = p
			}
			return points
		}
	}
	tb.Fatalf("%s has no series %q, only %s", a.Metric, key, keys(a.Series))
	return nil
}

func keys(series []analytics.Series) string {
	var all []string
	for _, s := range series {
		all = append(all, fmt.Sprintf("%q", s.Key))
	}
	return strings.Join(all, ", ")
}
