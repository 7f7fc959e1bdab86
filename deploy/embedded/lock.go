package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
)

// ErrLocked is matched by errors that say that another process uses the data
// directory; their text names it.
var ErrLocked = errors.New("data directory is in use")

// Lock keeps a data directory for one process.
type Lock struct {
	lock *flock.Flock
	pid  string
}

// LockDir makes dir if need be and locks it for this process until
// [Lock.Unlock] or the process's end. The error is [ErrLocked] with the
// holder's pid when somebody else has it.
func LockDir(dir string) (*Lock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	l := &Lock{lock: flock.New(filepath.Join(dir, "lock")), pid: filepath.Join(dir, "pid")}
	locked, err := l.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	if !locked {
		holder, err := os.ReadFile(l.pid)
		if err != nil {
			holder = []byte("unknown")
		}
		return nil, fmt.Errorf("%w: %s is held by the process with pid %s; stop it, or choose another directory with --data",
			ErrLocked, dir, strings.TrimSpace(string(holder)))
	}
	if err := os.WriteFile(l.pid, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("note the holder of the data directory: %w", err), l.lock.Unlock())
	}
	return l, nil
}

// Unlock gives the directory back.
func (l *Lock) Unlock() error {
	return errors.Join(os.Remove(l.pid), l.lock.Unlock())
}
