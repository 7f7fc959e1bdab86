package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/deploy/embedded"
)

// A restore that is refused leaves what was there, and nothing else.
func TestRestoreRefused(t *testing.T) {
	onlyEmbedded(t)
	s := startService(t, t.TempDir())
	if got := s.send(firstEvent); got != http.StatusAccepted {
		t.Fatalf("first event: %d", got)
	}
	if err := s.client().waitStored(t.Context()); err != nil {
		t.Fatal(err)
	}
	whole, folder := filepath.Join(t.TempDir(), "b.tar.gz"), filepath.Join(t.TempDir(), "b")
	s.must("backup", whole)
	s.must("backup", folder)

	t.Run("running service", func(t *testing.T) {
		_, err := s.command("restore", whole)
		if !errors.Is(err, embedded.ErrLocked) {
			t.Errorf("got %v, want ErrLocked", err)
		}
		if s.stored(); t.Failed() {
			t.Error("the service was disturbed")
		}
	})
	t.Run("directory with a file", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "letter.txt"), []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := (&service{tb: t, data: dir}).command("restore", whole)
		if err == nil || !strings.Contains(err.Error(), "is not empty") {
			t.Errorf("got %v", err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
			t.Errorf("the directory holds %v, error %v", left, err)
		}
	})
	t.Run("data of a stopped service", func(t *testing.T) {
		dir := t.TempDir()
		if err := startService(t, dir).stop(); err != nil {
			t.Fatal(err)
		}
		_, err := (&service{tb: t, data: dir}).command("restore", whole)
		if err == nil || !strings.Contains(err.Error(), "is not empty") {
			t.Errorf("got %v", err)
		}
	})

	text, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.tar.gz")
	if err := os.WriteFile(cut, text[:len(text)*2/3], 0o600); err != nil {
		t.Fatal(err)
	}
	for what, r := range map[string]struct{ source, want string }{
		"no backup":     {filepath.Join(folder, "none"), "no such file"},
		"no archive":    {s.data, "damaged or incomplete"},
		"cut archive":   {cut, "damaged or incomplete"},
		"changed file":  {changed(t, folder, "kafka/groups.log", "commit", "COMMIT"), "is not what was saved"},
		"other rows":    {changed(t, folder, "manifest.json", `"rows": 1`, `"rows": 7`), "rows, 7"},
		"not embedded":  {changed(t, folder, "manifest.json", `"embedded": true,`+"\n    \"database\"", `"embedded": false,`+"\n    \"database\""), "clickhouse_dsn"},
		"missing table": {changed(t, folder, "manifest.json", `"name": "task_events"`, `"name": "tusk_events"`), "tusk_events is missing"},
	} {
		t.Run(what, func(t *testing.T) {
			isNew, empty := filepath.Join(t.TempDir(), "new"), t.TempDir()
			for _, dir := range []string{isNew, empty} {
				_, err := (&service{tb: t, data: dir}).command("restore", r.source)
				if err == nil || !strings.Contains(err.Error(), r.want) {
					t.Errorf("got %v, want %q", err, r.want)
				}
			}
			if _, err := os.Stat(isNew); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the new directory is still there: %v", err)
			}
			if left, err := os.ReadDir(empty); err != nil || len(left) > 1 {
				t.Errorf("in the empty directory lies %v, error %v", left, err)
			}
		})
	}
	t.Run("after a refusal", func(t *testing.T) {
		dir := t.TempDir()
		r := &service{tb: t, data: dir}
		if _, err := r.command("restore", cut); err == nil {
			t.Fatal("a cut archive was restored")
		}
		r.must("restore", whole)
	})
}

// changed copies a backup with one text in one of its files replaced.
func changed(t *testing.T, folder, name, before, after string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "b")
	if err := os.CopyFS(dir, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, filepath.FromSlash(name))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(string(text), before, after, 1)
	if other == string(text) {
		t.Fatalf("%s does not say %q", name, before)
	}
	if err := os.WriteFile(path, []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// What a restore that was killed has left is not taken for a whole.
func TestUnfinishedRestoreDoesNotServe(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, unfinishedRestore), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := (&service{tb: t, data: dir}).command("serve", "--listen", "127.0.0.1:0"); err == nil || !strings.Contains(err.Error(), "broken off") {
		t.Errorf("got %v", err)
	}
}

func TestOneBackupAtATime(t *testing.T) {
	o := &office{}
	o.saving.Lock()
	answer := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(answer)
	c.Request = httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/backup", strings.NewReader(`{"target":"/x"}`))
	o.backup(c)
	if answer.Code != http.StatusConflict || !strings.Contains(answer.Body.String(), "being made already") {
		t.Errorf("got %d %s", answer.Code, answer.Body)
	}
}

// writer calls itself with what it is given.
type writer func(text []byte)

func (w writer) Write(text []byte) (int, error) { w(text); return len(text), nil }

// Who leaves in the middle takes the backup along: nothing is left of it, and
// the next one is made.
func TestBackupBrokenOff(t *testing.T) {
	onlyEmbedded(t)
	s := startService(t, t.TempDir())
	dir := t.TempDir()
	for _, step := range []string{"reading", "saving the tables", "saving the log", "copying"} {
		seen := false
		s.waitFor("the step "+step, func() bool { // the one before may still be ending
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			_, err := s.client().backup(ctx, filepath.Join(dir, "b"), writer(func(text []byte) {
				if strings.HasPrefix(string(text), step) {
					seen = true
					leave()
				}
			}))
			if err == nil || strings.Contains(err.Error(), "exists already") { // it was done before the service knew
				return os.RemoveAll(filepath.Join(dir, "b")) == nil && seen
			}
			return seen
		})
	}
	s.waitFor("the end of what was left", func() bool {
		if err := os.RemoveAll(filepath.Join(dir, "b")); err != nil {
			t.Fatal(err)
		}
		here, err1 := filepath.Glob(filepath.Join(dir, "*"))
		there, err2 := filepath.Glob(filepath.Join(s.data, "clickhouse", "backups", "*"))
		return err1 == nil && err2 == nil && len(here)+len(there) == 0
	})
	var b BackupResult
	s.waitFor("the next backup", func() bool {
		out, err := s.command("backup", filepath.Join(dir, "next"), "--json")
		return err == nil && json.Unmarshal([]byte(out), &b) == nil
	})
	if len(b.ClickHouse.Tables) == 0 {
		t.Errorf("the next backup: %+v", b)
	}
}
