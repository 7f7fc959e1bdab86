package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// SaveFiles hands the files of the store's directory to put, each whole as it is
// at that moment, under their names from there.
func (s *Store) SaveFiles(put func(name string, r io.Reader, size int64) error) error {
	uses, err := filepath.Glob(filepath.Join(s.dir, usesDir, "*"+usesEnding))
	if err != nil {
		return fmt.Errorf("list the used links: %w", err)
	}
	for _, file := range slices.Concat([]string{filepath.Join(s.dir, secretFile), filepath.Join(s.dir, snapshotFile)}, uses) {
		text, err := os.ReadFile(file) //nolint:gosec // in the data directory
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		name, err := filepath.Rel(s.dir, file)
		if err != nil {
			return err
		}
		if err := put(filepath.ToSlash(name), bytes.NewReader(text), int64(len(text))); err != nil {
			return err
		}
	}
	return nil
}
