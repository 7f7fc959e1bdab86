package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"

	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/deploy/embedded"
	"example.com/officepulse/ingest/warehouse"
)

// A case that begins the evening before the National Day of 2026 and ends on the
// second working day after it: 1 h + 8 h + 0.5 h of office hours.
var overTheHoliday = []string{
	`{"specversion":"1.0","id":"r1","source":"/t","type":"officepulse.task.v1","time":"2026-09-30T17:00:00+08:00",
	 "data":{"process":"seal","case_id":"s-1","stage":"application","action":"submit","department":"sales"}}`,
	`{"specversion":"1.0","id":"r2","source":"/t","type":"officepulse.task.v1","time":"2026-10-09T09:00:00+08:00",
	 "data":{"process":"seal","case_id":"s-1","stage":"register","action":"complete","department":"sales"}}`,
	`{"specversion":"1.0","id":"r3","source":"/t","type":"officepulse.fault.v1","time":"2026-10-09T10:00:00+08:00",
	 "data":{"fault_id":"f-1","process":"seal","case_id":"s-1","kind":"seal_unregistered","severity":"minor","status":"confirmed","department":"office"}}`,
}

const (
	hoursBefore = 9.5
	hoursAfter  = 1.5 // with the 8th of October off
)

// workedShut is the shipped handbook with a day off, under another name.
func workedShut() string {
	text := strings.Replace(string(handbook.Example()), "headline:", "calendar:\n  off:\n    - {day: 2026-10-08, name: {zh: 停产检修, en: Shutdown}}\nheadline:", 1)
	return strings.Replace(text, `version: "2026-04"`, `version: "2026-04b"`, 1)
}

// reloading is a service with a handbook's file and a database beside it that
// the test can look into.
func reloading(t *testing.T) (s *service, file string, conn driver.Conn) {
	t.Helper()
	dir := t.TempDir()
	engine, err := embedded.StartClickHouse(t.Context(), filepath.Join(dir, "clickhouse"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Close)
	t.Setenv("OFFICEPULSE_CLICKHOUSE_DSN", engine.DSN("office"))
	file = writeFile(t, dir, "handbook.yaml", string(handbook.Example()))
	s = startService(t, filepath.Join(dir, "data"), "--handbook", file)
	if conn, err = warehouse.Open(t.Context(), engine.DSN("office")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	for _, e := range overTheHoliday {
		if got := s.send(e); got != http.StatusAccepted {
			t.Fatalf("an event was answered %d", got)
		}
	}
	s.stored()
	return s, file, conn
}

// everyEvent is the count and the hash of each table of events.
func everyEvent(t *testing.T, conn driver.Conn) string {
	t.Helper()
	var all strings.Builder
	for _, table := range []string{"task_events", "fault_events", "answer_events"} {
		var rows, sum uint64
		if err := conn.QueryRow(t.Context(), "SELECT count(), sum(cityHash64(toJSONString(tuple(*)))) FROM "+table).Scan(&rows, &sum); err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(&all, "%s: %d rows, hash %x\n", table, rows, sum)
	}
	return all.String()
}

// hours is the case's lead time with the versions that the answer names.
func (s *service) hours() (hours float64, a answer) {
	s.tb.Helper()
	a = s.metric("lead_time", "from", "2026-10-01", "to", "2026-11-01", "process", "seal", "clock", "working")
	return *a.series(s.tb, "all")[""].Mean / 3600, a
}

func (s *service) post(path string) (status int, body []byte) {
	s.tb.Helper()
	req, err := http.NewRequestWithContext(s.tb.Context(), http.MethodPost, s.url+path, http.NoBody)
	if err != nil {
		s.tb.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token())
	resp, err := httpClient().Do(req)
	if err != nil {
		s.tb.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if body, err = io.ReadAll(resp.Body); err != nil {
		s.tb.Fatal(err)
	}
	return resp.StatusCode, body
}

func TestReloadChangesFiguresAndNoEvent(t *testing.T) {
	s, file, conn := reloading(t)
	stored := everyEvent(t, conn)
	if !strings.Contains(stored, "task_events: 2 rows") || !strings.Contains(stored, "fault_events: 1 rows") {
		t.Fatalf("stored:\n%s", stored)
	}
	hours, before := s.hours()
	if hours != hoursBefore || before.HandbookVersion != "2026-04" {
		t.Errorf("%v hours by handbook %q, want %v", hours, before.HandbookVersion, hoursBefore)
	}
	if r := s.reload(); r.Changed {
		t.Error("the same file again is said to have changed something")
	}

	writeFile(t, filepath.Dir(file), "handbook.yaml", workedShut())
	if hours, _ := s.hours(); hours != hoursBefore {
		t.Errorf("%v hours although nothing was reloaded", hours)
	}
	r := s.reload()
	hours, after := s.hours()
	if hours != hoursAfter || after.HandbookVersion != "2026-04b" || after.CalendarVersion == before.CalendarVersion || after.HandbookFingerprint == before.HandbookFingerprint {
		t.Errorf("after the reload: %v hours, want %v; %+v", hours, hoursAfter, after.Versions)
	}
	if !r.Changed || r.Before.Version != "2026-04" || r.Version != "2026-04b" || r.CalendarVersion != after.CalendarVersion || r.Fingerprint != after.HandbookFingerprint {
		t.Errorf("the reload says %+v", r)
	}
	if got := everyEvent(t, conn); got != stored {
		t.Errorf("events before the reload:\n%s and after:\n%s", stored, got)
	}
	if _, page := s.get("/definitions"); !strings.Contains(string(page), "2026-04b") || !strings.Contains(string(page), after.CalendarVersion) {
		t.Error("the page does not name the new versions")
	}
	if out := s.must("status"); !strings.Contains(out, "2026-04b") || !strings.Contains(out, after.CalendarVersion) {
		t.Errorf("status does not name the new versions:\n%s", out)
	}
	s.refusesBadHandbook(file)
	s.hangsUp(file)
	if got := everyEvent(t, conn); got != stored {
		t.Errorf("events before all reloads:\n%s and after:\n%s", stored, got)
	}
}

func (s *service) reload() HandbookReloaded {
	s.tb.Helper()
	var r HandbookReloaded
	if out := s.must("reload", "--json"); json.Unmarshal([]byte(out), &r) != nil {
		s.tb.Fatalf("reload --json printed %s", out)
	}
	return r
}

// refusesBadHandbook: a file with mistakes is refused with all of them.
func (s *service) refusesBadHandbook(file string) {
	s.tb.Helper()
	bad := strings.NewReplacer("fiscal_year_start: 1", "fiscal_year_start: 13", "headline: doc_approval", "headline: nothing").Replace(workedShut())
	if err := os.WriteFile(file, []byte(bad), 0o600); err != nil {
		s.tb.Fatal(err)
	}
	status, body := s.post("/api/v1/handbook/reload")
	var p HandbookProblem
	if err := json.Unmarshal(body, &p); err != nil || status != http.StatusUnprocessableEntity || len(p.Errors) != 2 || p.Errors[0].Line == 0 || p.Errors[0].Remedy == "" {
		s.tb.Errorf("a bad handbook was answered %d %s", status, body)
	}
	_, err := s.command("reload")
	if err == nil || !strings.Contains(err.Error(), "fiscal_year_start is a month and not 13; write 1 to 12") || !strings.Contains(err.Error(), "line ") {
		s.tb.Errorf("officepulse reload of a bad handbook: %v", err)
	}
	if err := os.Remove(file); err != nil {
		s.tb.Fatal(err)
	}
	if status, body := s.post("/api/v1/handbook/reload"); status != http.StatusUnprocessableEntity || !strings.Contains(string(body), "read the handbook") {
		s.tb.Errorf("a missing handbook was answered %d %s", status, body)
	}
	if hours, _ := s.hours(); hours != hoursAfter {
		s.tb.Errorf("%v hours after reloads that were refused, want %v", hours, hoursAfter)
	}
}

// hangsUp: SIGHUP reads the file again.
func (s *service) hangsUp(file string) {
	s.tb.Helper()
	if err := os.WriteFile(file, handbook.Example(), 0o600); err != nil {
		s.tb.Fatal(err)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		s.tb.Fatal(err)
	}
	s.waitFor("the handbook of the signal", func() bool {
		hours, _ := s.hours()
		return hours == hoursBefore
	})
}

// Whoever asks while handbooks are replaced gets an answer that is by one of
// them altogether.
func TestReloadIsAtomic(t *testing.T) {
	s, file, _ := reloading(t)
	_, before := s.hours()
	versions := map[string]float64{before.CalendarVersion: hoursBefore}
	writeFile(t, filepath.Dir(file), "handbook.yaml", workedShut())
	versions[s.reload().CalendarVersion] = hoursAfter
	var asking sync.WaitGroup
	done := make(chan struct{})
	for range 3 {
		asking.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if hours, a := s.hours(); versions[a.CalendarVersion] != hours {
					t.Errorf("%v hours by calendar %s, want %v", hours, a.CalendarVersion, versions[a.CalendarVersion])
				}
			}
		})
	}
	for i := range 20 {
		text := workedShut()
		if i%2 == 0 {
			text = string(handbook.Example())
		}
		writeFile(t, filepath.Dir(file), "handbook.yaml", text)
		if r := s.reload(); !r.Changed {
			t.Errorf("reload %d changed nothing", i)
		}
	}
	close(done)
	asking.Wait()
}

func TestReloadWithoutAFile(t *testing.T) {
	s := startService(t, t.TempDir(), "--roles", "gateway")
	if status, body := s.post("/api/v1/handbook/reload"); status != http.StatusConflict || !strings.Contains(string(body), "--handbook") {
		t.Errorf("a reload of the shipped handbook was answered %d %s", status, body)
	}
}

// A version whose day has come is in force without a reload.
func TestVersionTurnsWithItsDay(t *testing.T) {
	file := writeFile(t, t.TempDir(), "handbook.yaml", string(handbook.Example()))
	o := &office{config: Config{Handbook: file, Roles: words{roleSink}}, logger: slog.New(slog.DiscardHandler), registry: prometheus.NewRegistry()}
	hb, err := handbook.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	versions := hb.History().Versions()
	old, err := o.promise(versions[0])
	if err != nil {
		t.Fatal(err)
	}
	o.promises.Store(old)
	begins := versions[1].Begins()
	for at, want := range map[time.Time]string{begins.Add(-time.Second): versions[0].Version, begins: versions[1].Version} {
		if err := o.turn(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		if got := o.promises.Load().handbook.Version; got != want {
			t.Errorf("at %s version %q is in force, want %q", at, got, want)
		}
	}
}
