package archive_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/cmd/officepulse/archive"
)

var content = map[string]string{
	"kafka/groups.log":              "commits",
	"kafka/partitions/a.v1-0/0.dat": strings.Repeat("record ", 100_000),
	"clickhouse/.backup":            "<config/>",
	"clickhouse/empty":              "",
}

// save makes a backup of content at target.
func save(t *testing.T, target string) {
	t.Helper()
	w, err := archive.Create(target)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range content {
		// More is being added to the file behind: only its first bytes count.
		if err := w.Add(name, strings.NewReader(text+"later"), int64(len(text))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(target); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the backup has its name before it is whole: %v", err)
	}
	if err := w.Close(&archive.Manifest{Version: "v1", ClickHouse: archive.ClickHouse{Tables: []archive.Table{{Name: "t", Rows: 7}}}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Discard(); err != nil {
		t.Fatal(err)
	}
}

// tree reads all files below dir.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestRoundTrip(t *testing.T) {
	for _, name := range []string{"folder", "file.tar.gz"} {
		t.Run(name, func(t *testing.T) {
			parent, dir := t.TempDir(), t.TempDir()
			target := filepath.Join(parent, name)
			save(t, target)
			if left, err := os.ReadDir(parent); err != nil || len(left) != 1 {
				t.Errorf("beside the backup lies %v, error %v", left, err)
			}
			m, err := archive.Unpack(t.Context(), target, dir)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tree(t, dir), content); diff != "" {
				t.Errorf("unpacked: -got +want\n%s", diff)
			}
			if m.Format != archive.Format || m.Version != "v1" || m.ClickHouse.Tables[0].Rows != 7 || len(m.Files) != len(content) {
				t.Errorf("manifest %+v", m)
			}
			if got := m.Bytes("kafka"); got != int64(len(content["kafka/groups.log"])+len(content["kafka/partitions/a.v1-0/0.dat"])) {
				t.Errorf("%d bytes of Kafka", got)
			}
		})
	}
}

func TestTargets(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken")
	if err := os.WriteFile(taken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string]string{
		"backup":                          "no absolute path",
		taken:                             "exists already",
		dir:                               "exists already",
		filepath.Join(dir, "no", "where"): "there is no folder",
		filepath.Join(taken, "x"):         "taken",
		filepath.Join(dir, "x.zip"):       "ends in .tar.gz",
		filepath.Join(dir, "x.tgz"):       "ends in .tar.gz",
	} {
		_, err := archive.Create(target)
		if !errors.Is(err, archive.ErrTarget) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want ErrTarget with %q", target, err, want)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, error %v", left, err)
	}
}

func TestBrokenOffLeavesNothing(t *testing.T) {
	for _, name := range []string{"folder", "file.tar.gz"} {
		dir := t.TempDir()
		w, err := archive.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Add("kafka/short", strings.NewReader("abc"), 5); err == nil {
			t.Errorf("%s: a file that became shorter was saved", name)
		}
		for _, bad := range []string{"../out", "/out", "a/../../out", "manifest.json", ""} {
			if err := w.Add(bad, strings.NewReader("x"), 1); err == nil {
				t.Errorf("%s: a file was saved as %q", name, bad)
			}
		}
		if err := w.Discard(); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
			t.Errorf("%s: left behind %v, error %v", name, left, err)
		}
	}
}

// Wherever a byte is missing or another, the backup is refused.
func TestDamage(t *testing.T) {
	source := filepath.Join(t.TempDir(), "b.tar.gz")
	save(t, source)
	whole, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what string, text []byte) {
		t.Helper()
		broken := filepath.Join(t.TempDir(), "b.tar.gz")
		if err := os.WriteFile(broken, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Unpack(t.Context(), broken, t.TempDir()); !errors.Is(err, archive.ErrDamaged) {
			t.Errorf("%s: got %v, want ErrDamaged", what, err)
		}
	}
	for i := 0; i < len(whole); i += 97 {
		refused("cut", whole[:i])
		if i >= 10 { // of the header before, name and time do not matter
			flipped := bytes.Clone(whole)
			flipped[i] ^= 1
			refused("flipped", flipped)
		}
	}
	refused("without its last byte", whole[:len(whole)-1])
	refused("no archive", []byte("not at all"))
	if _, err := archive.Unpack(t.Context(), filepath.Join(t.TempDir(), "none"), t.TempDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no backup: %v", err)
	}
}

func TestDamagedFolder(t *testing.T) {
	for what, harm := range map[string]func(dir string) error{
		"a missing file":     func(dir string) error { return os.Remove(filepath.Join(dir, "kafka", "groups.log")) },
		"a missing manifest": func(dir string) error { return os.Remove(filepath.Join(dir, "manifest.json")) },
		"a cut file":         func(dir string) error { return os.Truncate(filepath.Join(dir, "kafka", "groups.log"), 3) },
		"another file": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "kafka", "groups.log"), []byte("commitz"), 0o600)
		},
		"a cut manifest": func(dir string) error { return os.Truncate(filepath.Join(dir, "manifest.json"), 100) },
		"a link out": func(dir string) error {
			name := filepath.Join(dir, "kafka", "groups.log")
			outside := filepath.Join(dir, "..", "outside")
			return errors.Join(os.Rename(name, outside), os.Symlink(outside, name))
		},
		"a name that leads out": func(dir string) error {
			name := filepath.Join(dir, "manifest.json")
			text, err := os.ReadFile(name)
			return errors.Join(err, os.WriteFile(name, bytes.ReplaceAll(text, []byte("kafka/groups.log"), []byte("../../groups.log")), 0o600))
		},
	} {
		source, dir := filepath.Join(t.TempDir(), "b"), t.TempDir()
		save(t, source)
		if err := harm(source); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Unpack(t.Context(), source, dir); !errors.Is(err, archive.ErrDamaged) {
			t.Errorf("%s: got %v, want ErrDamaged", what, err)
		}
	}
}

// An archive that somebody else made cannot write outside of the folder.
func TestHostileTar(t *testing.T) {
	for what, header := range map[string]tar.Header{
		"up":              {Typeflag: tar.TypeReg, Name: "../evil", Size: 1},
		"up from below":   {Typeflag: tar.TypeReg, Name: "kafka/../../evil", Size: 1},
		"absolute":        {Typeflag: tar.TypeReg, Name: "/tmp/evil", Size: 1},
		"backslash":       {Typeflag: tar.TypeReg, Name: `..\evil`, Size: 1},
		"link":            {Typeflag: tar.TypeSymlink, Name: "kafka", Linkname: ".."},
		"hard link":       {Typeflag: tar.TypeLink, Name: "kafka", Linkname: "/etc/passwd"},
		"device":          {Typeflag: tar.TypeFifo, Name: "kafka"},
		"not in manifest": {Typeflag: tar.TypeReg, Name: "kafka/extra", Size: 1},
	} {
		var b bytes.Buffer
		zip := gzip.NewWriter(&b)
		files := tar.NewWriter(zip)
		header.Mode = 0o600
		if err := files.WriteHeader(&header); err != nil {
			t.Fatal(err)
		}
		if header.Size > 0 {
			_, _ = files.Write([]byte("x"))
		}
		text, err := json.Marshal(archive.Manifest{Format: archive.Format})
		if err != nil {
			t.Fatal(err)
		}
		_ = files.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "manifest.json", Size: int64(len(text)), Mode: 0o600})
		_, _ = files.Write(text)
		if err := errors.Join(files.Close(), zip.Close()); err != nil {
			t.Fatal(err)
		}
		outer := t.TempDir()
		source, dir := filepath.Join(outer, "b.tar.gz"), filepath.Join(outer, "in")
		if err := errors.Join(os.WriteFile(source, b.Bytes(), 0o600), os.Mkdir(dir, 0o700)); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Unpack(t.Context(), source, dir); !errors.Is(err, archive.ErrDamaged) {
			t.Errorf("%s: got %v, want ErrDamaged", what, err)
		}
		if left, err := os.ReadDir(outer); err != nil || len(left) != 2 {
			t.Errorf("%s: outside of the folder lies %v, error %v", what, left, err)
		}
	}
}

func TestOtherFormat(t *testing.T) {
	source := t.TempDir()
	if err := os.WriteFile(filepath.Join(source, "manifest.json"), []byte(`{"format":99,"version":"v9"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Unpack(t.Context(), source, t.TempDir()); err == nil || !strings.Contains(err.Error(), `format 99, made by OfficePulse "v9"`) {
		t.Errorf("got %v", err)
	}
}
