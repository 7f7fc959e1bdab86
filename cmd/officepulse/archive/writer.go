package archive

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// Writer makes a backup. Until [Writer.Close] it has another name, so that one
// that was broken off is never taken for whole.
type Writer struct {
	target  string
	partial string
	place   place
	files   []File
}

// place is where files go: a folder or a tar file.
type place interface {
	put(name string, r io.Reader, size int64) (int64, error)
	finish() error // all is on disk
	abandon()      // nothing more comes
}

// Create begins a backup at target, which must not exist while its parent must:
// one file when the name ends in .tar.gz, else a folder. The error is an
// [ErrTarget] when target itself is the reason.
func Create(target string) (*Writer, error) {
	if err := checkTarget(target); err != nil {
		return nil, err
	}
	parent, base := filepath.Split(filepath.Clean(target))
	w := &Writer{target: filepath.Clean(target)}
	var err error
	if Compressed(target) {
		w.place, w.partial, err = createTarball(parent, base)
	} else {
		w.place, w.partial, err = createFolder(parent, base)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTarget, err)
	}
	return w, nil
}

func checkTarget(target string) error {
	if !filepath.IsAbs(target) {
		return fmt.Errorf("%w: %q is no absolute path", ErrTarget, target)
	}
	for _, ending := range []string{".tgz", ".tar", ".gz", ".zip", ".xz", ".zst"} {
		if strings.HasSuffix(target, ending) && !Compressed(target) {
			return fmt.Errorf("%w: %s: a backup is a folder, or one file whose name ends in %s", ErrTarget, target, suffix)
		}
	}
	if _, err := os.Lstat(target); err == nil {
		return fmt.Errorf("%w: %s exists already; nothing is ever overwritten", ErrTarget, target)
	} else if !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: %w", ErrTarget, err)
	}
	if info, err := os.Stat(filepath.Dir(target)); err != nil || !info.IsDir() {
		return fmt.Errorf("%w: there is no folder %s", ErrTarget, filepath.Dir(target))
	}
	return nil
}

// Add saves the first size bytes of r under a name with slashes.
func (w *Writer) Add(name string, r io.Reader, size int64) error {
	if !acceptable(name) {
		return fmt.Errorf("save %q: it cannot be called that", name)
	}
	sum := sha256.New()
	n, err := w.place.put(name, io.TeeReader(io.LimitReader(r, size), sum), size)
	if err == nil && n < size {
		err = fmt.Errorf("it ended after %d of %d bytes", n, size)
	}
	if err != nil {
		return fmt.Errorf("save %s: %w", name, err)
	}
	w.files = append(w.files, File{Name: name, Size: size, SHA256: hex.EncodeToString(sum.Sum(nil))})
	return nil
}

// Close completes m with the files, saves it, waits until all is on disk, and
// gives the backup its name.
func (w *Writer) Close(m *Manifest) error {
	m.Format, m.Files = Format, w.files
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	if _, err := w.place.put(manifestName, strings.NewReader(string(text)), int64(len(text))); err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	if err := w.place.finish(); err != nil {
		return fmt.Errorf("finish the backup: %w", err)
	}
	if err := checkTarget(w.target); err != nil { // somebody else's may have come meanwhile
		return err
	}
	if err := os.Rename(w.partial, w.target); err != nil {
		return fmt.Errorf("name the backup: %w", err)
	}
	return syncDir(filepath.Dir(w.target))
}

// Discard removes what has been written. After a Close that succeeded it does
// nothing.
func (w *Writer) Discard() error {
	w.place.abandon()
	return os.RemoveAll(w.partial)
}

// folder keeps files as they are.
type folder struct {
	root *os.Root
	dirs map[string]bool // made, and to be synced
}

func createFolder(parent, base string) (*folder, string, error) {
	dir, err := os.MkdirTemp(parent, base+".partial-") // readable by its owner only
	if err != nil {
		return nil, "", err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, "", errors.Join(err, os.Remove(dir))
	}
	return &folder{root: root, dirs: map[string]bool{".": true}}, dir, nil
}

func (f *folder) put(name string, r io.Reader, _ int64) (int64, error) {
	dir := filepath.Dir(filepath.FromSlash(name))
	if err := f.root.MkdirAll(dir, privateDir); err != nil {
		return 0, err
	}
	for ; !f.dirs[dir]; dir = filepath.Dir(dir) {
		f.dirs[dir] = true
	}
	return writeFile(f.root, filepath.FromSlash(name), r)
}

func (f *folder) finish() error {
	for dir := range f.dirs {
		if err := syncDir(filepath.Join(f.root.Name(), dir)); err != nil {
			return err
		}
	}
	return f.root.Close()
}

func (f *folder) abandon() { _ = f.root.Close() }

// writeFile makes a file in root, which must not exist, and syncs it.
func writeFile(root *os.Root, name string, r io.Reader) (n int64, err error) {
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, privateFile)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if n, err = io.Copy(f, r); err != nil {
		return n, err
	}
	return n, f.Sync()
}

// tarball keeps files in one.
type tarball struct {
	file *os.File
	zip  *gzip.Writer
	tar  *tar.Writer
	now  time.Time
}

func createTarball(parent, base string) (*tarball, string, error) {
	file, err := os.CreateTemp(parent, base+".partial-") // readable by its owner only
	if err != nil {
		return nil, "", err
	}
	zip, err := gzip.NewWriterLevel(file, gzip.BestSpeed) // ClickHouse has compressed its part already
	if err != nil {
		return nil, "", errors.Join(err, file.Close(), os.Remove(file.Name()))
	}
	return &tarball{file: file, zip: zip, tar: tar.NewWriter(zip), now: time.Now()}, file.Name(), nil
}

func (t *tarball) put(name string, r io.Reader, size int64) (int64, error) {
	header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: privateFile, ModTime: t.now, Format: tar.FormatPAX}
	if err := t.tar.WriteHeader(header); err != nil {
		return 0, err
	}
	return io.Copy(t.tar, r)
}

func (t *tarball) finish() error {
	return errors.Join(t.tar.Close(), t.zip.Close(), t.file.Sync(), t.file.Close())
}

func (t *tarball) abandon() { _ = t.file.Close() }

// syncDir makes the names in a folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // of the backup
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
