package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/analytics"
	"example.com/officepulse/deploy/embedded/enginetest"
)

// onlyEmbedded skips a test of the embedded broker's files when the tests are
// to use a real one.
func onlyEmbedded(t *testing.T) {
	t.Helper()
	if enginetest.RealKafka() != "" {
		t.Skip("a broker of one's own is not in a backup")
	}
}

// allFigures asks for every metric, by everything it can be broken down by, on
// either clock and over every kind of period.
func (s *service) allFigures() map[string]string {
	s.tb.Helper()
	if err := s.client().waitStored(s.tb.Context()); err != nil {
		s.tb.Fatal(err)
	}
	_, body := s.get("/api/v1/metrics")
	var catalogue struct{ Metrics []analytics.Description }
	if err := json.Unmarshal(body, &catalogue); err != nil || len(catalogue.Metrics) != len(analytics.Names()) {
		s.tb.Fatalf("%d metrics, error %v", len(catalogue.Metrics), err)
	}
	figures := make(map[string]string)
	ask := func(metric string, params ...string) {
		a := s.metric(metric, append(params, "from", "2024-10-01", "to", "2026-10-01")...)
		text, err := json.Marshal([]any{a.N, a.Series, a.Rows})
		if err != nil {
			s.tb.Fatal(err)
		}
		figures[metric+" "+strings.Join(params, " ")] = string(text)
	}
	for _, m := range catalogue.Metrics {
		for _, clock := range append([]analytics.Clock{""}, m.Clocks...) {
			var params []string
			if clock != "" {
				params = []string{"clock", string(clock)}
			}
			for _, b := range m.Buckets {
				ask(m.Metric, append(params, "bucket", string(b))...)
			}
			for _, by := range m.By {
				ask(m.Metric, append(params, "bucket", "none", "by", string(by))...)
			}
		}
	}
	return figures
}

// restored restores a backup into a new directory and starts the service there.
func restored(t *testing.T, source string) *service {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "new")
	s := &service{tb: t, data: dir}
	var r RestoreResult
	if err := json.Unmarshal([]byte(s.must("restore", source, "--json")), &r); err != nil {
		t.Fatal(err)
	}
	if r.Data != dir || len(r.ClickHouse.Tables) == 0 {
		t.Errorf("restore says %+v", r)
	}
	return startService(t, dir)
}

func TestBackupAndRestore(t *testing.T) {
	onlyEmbedded(t)
	s := startService(t, t.TempDir())
	s.must("demo", "--preset", "S", "--events", "20000")
	want := s.allFigures()
	for _, name := range []string{"folder", "file.tar.gz"} {
		t.Run(name, func(t *testing.T) {
			target := filepath.Join(t.TempDir(), name)
			var b BackupResult
			if err := json.Unmarshal([]byte(s.must("backup", target, "--json")), &b); err != nil {
				t.Fatal(err)
			}
			if b.Target != target || b.KafkaBytes == 0 || b.ClickHouseBytes == 0 || len(b.ClickHouse.Tables) == 0 {
				t.Errorf("backup says %+v", b)
			}
			r := restored(t, target)
			if diff := cmp.Diff(r.allFigures(), want); diff != "" {
				t.Errorf("figures after the restore: -got +want\n%s", diff)
			}
			if diff := cmp.Diff(r.offsets(), s.offsets()); diff != "" {
				t.Errorf("Kafka's log after the restore: -got +want\n%s", diff)
			}
			if got := r.send(firstEvent); got != http.StatusAccepted {
				t.Errorf("an event sent after the restore: %d", got)
			}
		})
	}
	if left, err := filepath.Glob(filepath.Join(s.data, "clickhouse", "backups", "*")); err != nil || len(left) > 0 {
		t.Errorf("left with the engine: %v, error %v", left, err)
	}
}

// offsets are the ends and commits of all partitions, and how far the figures go.
func (s *service) offsets() string {
	s.tb.Helper()
	var st Status
	if err := json.Unmarshal([]byte(s.must("status", "--json")), &st); err != nil {
		s.tb.Fatal(err)
	}
	return fmt.Sprintf("%+v as of %v", st.Partitions, st.AsOf)
}

func TestBackupRefused(t *testing.T) {
	onlyEmbedded(t)
	s := startService(t, t.TempDir())
	other := t.TempDir()
	link := filepath.Join(other, "link")
	if err := os.Symlink(s.data, link); err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string]string{
		filepath.Join(s.data, "backup"):    "lies in the data directory",
		filepath.Join(link, "b.tar.gz"):    "lies in the data directory",
		filepath.Join(other, "no", "such"): "there is no folder",
		filepath.Join(other, "backup.zip"): "ends in .tar.gz",
		other:                              "exists already",
		"":                                 "name one folder",
	} {
		if _, err := s.command("backup", target); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("backup %s: got %v, want %q", target, err, want)
		}
	}
	if left, err := os.ReadDir(other); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, error %v", left, err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/api/v1/backup", strings.NewReader(`{"target":"/tmp/x"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := httpClient().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a token: %d", resp.StatusCode)
	}
}

// After a restore the links that were handed out still open their forms, and
// those that were used are still used: as far as the database was told of them,
// five of a department at once. Of one more the backup says nothing, since between
// two backups it could be seen whose the answer is that came between them.
func TestBackupKeepsSurveys(t *testing.T) {
	onlyEmbedded(t)
	s := startService(t, t.TempDir())
	links := openSurvey(t, s, 7)
	for _, link := range links[:5] {
		if _, answered := s.timedAnswer(link); answered == 0 {
			t.Fatal("not answered")
		}
	}
	uses := func(in *service) (all map[string]struct{ Told bool }) {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(in.data, surveysDir, "uses", "load.json"))
		if err == nil {
			err = json.Unmarshal(text, &all)
		}
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	s.waitFor("the database to be told of the uses", func() bool {
		told := 0
		for _, use := range uses(s) {
			if use.Told {
				told++
			}
		}
		return told == 5
	})
	if _, answered := s.timedAnswer(links[5]); answered == 0 || len(uses(s)) != 6 {
		t.Fatal("the sixth is not answered")
	}
	target := filepath.Join(t.TempDir(), "folder")
	s.must("backup", target)
	r := restored(t, target)
	here := func(link string) string { return r.url + strings.TrimPrefix(link, s.url) }
	if n := len(uses(r)); n != 5 {
		t.Errorf("the backup has %d uses, want the five that came together", n)
	}
	if text, status := r.fetchText(http.MethodGet, here(links[0]), nil); status != http.StatusGone || !strings.Contains(text, "此链接已经用过") {
		t.Errorf("a used link: %d %.200s", status, text)
	}
	if _, answered := r.timedAnswer(here(links[6])); answered == 0 {
		t.Error("an unused link does not open its form")
	}
	r.waitFor("all answers to be counted", func() bool {
		text, _ := r.fetchText(http.MethodGet, r.url+"/surveys/waves/load/counts?lang=en", nil)
		return strings.Contains(text, `data-label="Answers">7</td>`)
	})
}
