package archive

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/gzip"
)

// maxManifest bounds what is read into memory: a few hundred bytes a file.
const maxManifest = 256 << 20

// Unpack copies the backup at source, a folder or a .tar.gz file, into the
// folder dir and returns its manifest once every file is there and is what it
// was. Otherwise the error is an [ErrDamaged], or says that source cannot be
// read or dir not be written; what is in dir is then of no use.
//
// No name and no link in a backup leads out of source or dir.
func Unpack(ctx context.Context, source, dir string) (*Manifest, error) {
	info, err := os.Stat(source)
	if err != nil {
		return nil, fmt.Errorf("open the backup: %w", err)
	}
	to, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("unpack the backup: %w", err)
	}
	defer func() { _ = to.Close() }()
	if info.IsDir() {
		return unpackFolder(ctx, source, to)
	}
	return unpackTarball(ctx, source, to)
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrDamaged, fmt.Errorf(format, args...))
}

func unpackFolder(ctx context.Context, source string, to *os.Root) (*Manifest, error) {
	from, err := os.OpenRoot(source)
	if err != nil {
		return nil, fmt.Errorf("open the backup: %w", err)
	}
	defer func() { _ = from.Close() }()
	text, err := from.Open(manifestName)
	if err != nil {
		return nil, damaged("%s has no %s: %w", source, manifestName, err)
	}
	m, err := readManifest(text)
	_ = text.Close()
	if err != nil {
		return nil, err
	}
	for _, want := range m.Files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := copyFile(from, to, want); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func copyFile(from, to *os.Root, want File) error {
	f, err := from.Open(filepath.FromSlash(want.Name))
	if err != nil {
		return damaged("%w", err)
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return damaged("%s is no file", want.Name)
	}
	got, err := receive(to, want.Name, f)
	if err != nil {
		return err
	}
	return compare(got, want)
}

// receive writes a file of the backup and says what it was.
func receive(to *os.Root, name string, r io.Reader) (File, error) {
	path := filepath.FromSlash(name)
	if err := to.MkdirAll(filepath.Dir(path), privateDir); err != nil {
		return File{}, fmt.Errorf("unpack %s: %w", name, err)
	}
	sum := sha256.New()
	n, err := writeFile(to, path, io.TeeReader(r, sum))
	if err != nil {
		return File{}, fmt.Errorf("unpack %s: %w", name, err)
	}
	return File{Name: name, Size: n, SHA256: hex.EncodeToString(sum.Sum(nil))}, nil
}

func compare(got, want File) error {
	if got.Size != want.Size {
		return damaged("%s has %d bytes, not %d", want.Name, got.Size, want.Size)
	}
	if got.SHA256 != want.SHA256 {
		return damaged("%s is not what was saved", want.Name)
	}
	return nil
}

// readManifest reads a manifest and checks that its names can be used.
func readManifest(r io.Reader) (*Manifest, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxManifest))
	if err != nil {
		return nil, damaged("%s: %w", manifestName, err)
	}
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, damaged("%s: %w", manifestName, err)
	}
	if m.Format != Format {
		return nil, fmt.Errorf("the backup has the format %d, made by OfficePulse %q; this program reads the format %d", m.Format, m.Version, Format)
	}
	known := make(map[string]bool)
	for _, f := range m.Files {
		if !acceptable(f.Name) || known[f.Name] {
			return nil, damaged("%s names the file %q", manifestName, f.Name)
		}
		known[f.Name] = true
	}
	return &m, nil
}

// unpackTarball reads the file once; its manifest, which knows the hashes, is
// the last in it.
func unpackTarball(ctx context.Context, source string, to *os.Root) (*Manifest, error) {
	file, err := os.Open(source) //nolint:gosec // the operator names the backup
	if err != nil {
		return nil, fmt.Errorf("open the backup: %w", err)
	}
	defer func() { _ = file.Close() }()
	zip, err := gzip.NewReader(file)
	if err != nil {
		return nil, damaged("%s is no %s file: %w", source, suffix, err)
	}
	var m *Manifest
	found := make(map[string]File)
	for entries := tar.NewReader(zip); ; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, damaged("%w", err)
		}
		switch {
		case header.Typeflag != tar.TypeReg:
			return nil, damaged("%q is no plain file", header.Name)
		case header.Name == manifestName && m == nil:
			if m, err = readManifest(entries); err != nil {
				return nil, err
			}
		case !acceptable(header.Name):
			return nil, damaged("a file is called %q", header.Name)
		default:
			if found[header.Name], err = receive(to, header.Name, entries); err != nil {
				return nil, unreadable(err)
			}
		}
	}
	// The end of the tar is not that of the file: the checksum of the whole follows.
	if _, err := io.Copy(io.Discard, zip); err != nil {
		return nil, damaged("%w", err)
	}
	return m, complete(m, found)
}

// unreadable tells a backup that cannot be read from a disk that cannot be written.
func unreadable(err error) error {
	if _, disk := errors.AsType[*os.PathError](err); disk {
		return err
	}
	return damaged("%w", err)
}

// complete compares what was found with the manifest.
func complete(m *Manifest, found map[string]File) error {
	if m == nil {
		return damaged("it has no %s", manifestName)
	}
	for _, want := range m.Files {
		got, ok := found[want.Name]
		if !ok {
			return damaged("%s is missing", want.Name)
		}
		if err := compare(got, want); err != nil {
			return err
		}
	}
	if len(found) > len(m.Files) {
		return damaged("it holds %d files that its manifest does not name", len(found)-len(m.Files))
	}
	return nil
}
