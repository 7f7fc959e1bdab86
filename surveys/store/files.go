package store

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// SaveFiles hands the files of the store's directory to put, each whole as it is
// at that moment, under their names from there. Of the used links only those are
// in it that the database has as well, several at once: from two backups with one
// answer between them it could be seen whose that is.
func (s *Store) SaveFiles(put func(name string, r io.Reader, size int64) error) error {
	save := func(name string, text []byte) error { return put(name, bytes.NewReader(text), int64(len(text))) }
	for _, name := range []string{secretFile, snapshotFile} {
		text, err := os.ReadFile(filepath.Join(s.dir, name)) //nolint:gosec // in the data directory
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = save(name, text)
		}
		if err != nil {
			return err
		}
	}
	for _, wave := range s.uses.keys() {
		text, err := s.uses.known(wave)
		if err == nil {
			err = save(usesDir+"/"+wave+usesEnding, text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
