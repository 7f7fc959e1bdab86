package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func exists(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return err == nil
}

func httpClient() *http.Client { return &http.Client{Timeout: time.Minute} }

func (s *service) token() string {
	s.tb.Helper()
	if token := os.Getenv("OFFICEPULSE_TOKEN"); token != "" {
		return token
	}
	text, err := os.ReadFile(filepath.Join(s.data, tokenFile))
	if err != nil {
		s.tb.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

const firstEvent = `{"specversion":"1.0","id":"first","source":"/curl","type":"officepulse.task.v1","time":"2026-09-30T17:00:00+08:00",
 "data":{"process":"seal","case_id":"seal-1","stage":"apply","action":"close","department":"sales"}}`

func (s *service) send(body string) int {
	s.tb.Helper()
	req, err := http.NewRequestWithContext(s.tb.Context(), http.MethodPost, s.url+"/api/v1/events", strings.NewReader(body))
	if err != nil {
		s.tb.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/cloudevents+json")
	req.Header.Set("Authorization", "Bearer "+s.token())
	resp, err := httpClient().Do(req)
	if err != nil {
		s.tb.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func (s *service) stored() uint64 {
	s.tb.Helper()
	c := &client{server: s.url, token: s.token(), http: httpClient()}
	if err := c.waitStored(s.tb.Context()); err != nil {
		s.tb.Fatal(err)
	}
	r := s.metric("throughput", "from", "2026-01-01", "to", "2027-01-01", "bucket", "none", "process", "unheard_of")
	var n uint64
	for _, series := range r.Series {
		for _, p := range series.Points {
			n += p.N
		}
	}
	return n
}

func TestServiceKeepsDataAndSaysWhereItIs(t *testing.T) {
	dir := t.TempDir()
	s := startService(t, dir)
	for path, want := range map[string]int{"/healthz": http.StatusOK, "/readyz": http.StatusOK, "/metrics": http.StatusOK, "/": http.StatusOK, "/api/v1/nothing": http.StatusNotFound} {
		if got, body := s.get(path); got != want {
			t.Errorf("GET %s: %d, want %d: %.200s", path, got, want, body)
		}
	}
	event := strings.Replace(firstEvent, `"seal"`, `"unheard_of"`, 1)
	if got := s.send(event); got != http.StatusAccepted {
		t.Fatalf("first event: %d", got)
	}
	if got := s.stored(); got != 1 {
		t.Fatalf("%d cases completed, want 1", got)
	}
	if _, body := s.get("/metrics"); !bytes.Contains(body, []byte(`officepulse_events_stored_total{topic="officepulse.task.v1"} 1`)) {
		t.Error("/metrics does not count the stored event")
	}

	// A second instance is turned away and told by whom.
	cmd := root()
	cmd.SetArgs([]string{"serve", "--data", dir, "--listen", "127.0.0.1:0"})
	cmd.SetErr(&bytes.Buffer{})
	if err := cmd.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), "pid "+strconv.Itoa(os.Getpid())) {
		t.Errorf("a second instance: got %v, want the holder's pid", err)
	}

	if err := s.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	began := time.Now()
	s = startService(t, dir)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the second start took %v, want less than 5 s", took)
	}
	if got := s.stored(); got != 1 {
		t.Errorf("after a restart %d cases, want 1", got)
	}
}

// The commands say what is missing and what to do.
func TestCommandsWithoutService(t *testing.T) {
	s := &service{tb: t, data: t.TempDir()}
	for _, args := range [][]string{{"status"}, {"demo"}, {"import", "x.csv", "--process", "p"}} {
		if _, err := s.command(args...); err == nil || !strings.Contains(err.Error(), "officepulse serve") {
			t.Errorf("%s: got %v, want a hint to start the service", args[0], err)
		}
	}
}

func TestForeignHostIsRefused(t *testing.T) {
	s := startService(t, t.TempDir(), "--roles", "gateway")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/healthz", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "evil.example"
	resp, err := httpClient().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("status %d, want 421", resp.StatusCode)
	}
}

// program runs the service as a process of its own, which can be killed.
func (s *service) program() (*exec.Cmd, Status) {
	s.tb.Helper()
	exe, err := os.Executable()
	if err != nil {
		s.tb.Fatal(err)
	}
	cmd := exec.CommandContext(s.tb.Context(), exe, "serve", "--data", s.data, "--listen", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), asProgram+"=1")
	if err := cmd.Start(); err != nil {
		s.tb.Fatal(err)
	}
	var st Status
	s.waitFor("the program", func() bool {
		out, err := s.command("status", "--json")
		return err == nil && json.Unmarshal([]byte(out), &st) == nil && st.PID == cmd.Process.Pid
	})
	s.url = st.HTTP
	return cmd, st
}

// kill kills a program with SIGKILL and waits for its engine's end.
func (s *service) kill(cmd *exec.Cmd, st Status) {
	s.tb.Helper()
	if err := cmd.Process.Kill(); err != nil {
		s.tb.Fatal(err)
	}
	_ = cmd.Wait()
	s.waitFor("the engine's end", func() bool { return syscall.Kill(st.ClickHouse.PID, 0) != nil })
}

// Killed with SIGKILL, the program takes its engine along, loses no
// acknowledged event, and starts again on the same data.
func TestKilledProgramLosesNothing(t *testing.T) {
	useRealKafka(t)
	s := &service{tb: t, data: t.TempDir(), out: &lockedBuffer{}}
	cmd, first := s.program()
	const n = 200
	for i := range n {
		id := strconv.Itoa(i)
		body := strings.NewReplacer(`"first"`, `"e`+id+`"`, "seal-1", "case-"+id, `"seal"`, `"unheard_of"`).Replace(firstEvent)
		if got := s.send(body); got != http.StatusAccepted {
			t.Fatalf("event %d: %d", i, got)
		}
	}
	s.kill(cmd, first)
	cmd, _ = s.program()
	if got := s.stored(); got != n {
		t.Errorf("%d cases after kill -9, want all %d that were acknowledged", got, n)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v, want exit status 0", err)
	}
}
