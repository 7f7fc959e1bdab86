package embedded

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// The broker's files, as kfake (persist.go) writes them: a partition's segments
// N.dat with their indexes N.idx and groups.log, the groups' commits, are only
// added to, an entry at a time with a checksum, and whatever follows the last
// whole entry is cut off when they are read. A record is in its segment before
// it is acknowledged. What else there is, is replaced as a whole. So what a file
// held at one moment is a state that the broker goes on from, as after a kill.
const (
	groupsLog     = "groups.log"
	partitionsDir = "partitions"
)

// ephemeral files are about connections at the last stop. To a copy they say
// nothing, or something that is no longer so.
var ephemeral = []string{"session_state.json", "seq_windows.json"}

// CopyKafkaGroups hands what the consumer groups of the broker in dir have
// committed to put. The broker may be running. Whoever copies the log too, with
// [CopyKafkaLog], does that afterwards: the copy then has no commit of a record
// that it does not have.
func CopyKafkaGroups(dir string, put func(name string, r io.Reader, size int64) error) error {
	return copyGrowing(dir, groupsLog, put)
}

// CopyKafkaLog hands the log of the broker in dir, all but what
// [CopyKafkaGroups] copies, to put. The broker may be running: every record
// that was acknowledged before is in the copy, later ones may be.
func CopyKafkaLog(dir string, put func(name string, r io.Reader, size int64) error) error {
	partitions, err := os.ReadDir(filepath.Join(dir, partitionsDir))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("list the broker's partitions: %w", err)
	}
	for _, p := range partitions {
		if err := copyFiles(dir, path.Join(partitionsDir, p.Name()), put); err != nil {
			return err
		}
	}
	// The list of topics comes after their partitions: a topic without a
	// partition is empty, a partition without its topic would be in the way.
	return copyFiles(dir, ".", put)
}

// copyFiles hands on the files of one folder: segments before the indexes that
// describe them, and both before the rest.
func copyFiles(dir, folder string, put func(name string, r io.Reader, size int64) error) error {
	entries, err := os.ReadDir(filepath.Join(dir, filepath.FromSlash(folder)))
	if errors.Is(err, os.ErrNotExist) {
		return nil // a topic that was deleted meanwhile
	}
	if err != nil {
		return fmt.Errorf("list the broker's files: %w", err)
	}
	slices.SortStableFunc(entries, func(a, b os.DirEntry) int { return rank(a.Name()) - rank(b.Name()) })
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || name == groupsLog || strings.HasSuffix(name, ".tmp") || slices.Contains(ephemeral, name) {
			continue
		}
		if err := copyGrowing(dir, path.Join(folder, name), put); err != nil {
			return err
		}
	}
	return nil
}

func rank(name string) int {
	switch path.Ext(name) {
	case ".dat":
		return 0
	case ".idx":
		return 1
	}
	return 2
}

// copyGrowing hands on what a file holds now, while more may be added to it. A
// file that is no more is passed over: retention has removed it.
func copyGrowing(dir, name string, put func(name string, r io.Reader, size int64) error) (err error) {
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(name))) //nolint:gosec // in the data directory
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open a file of the broker: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("open a file of the broker: %w", err)
	}
	return put(name, f, info.Size())
}
