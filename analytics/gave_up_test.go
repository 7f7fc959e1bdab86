package analytics

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"testing"
)

// Only an asker's own impatience makes those who waited with it ask again: a
// question that fails by itself would only fail as many times.
func TestGaveUp(t *testing.T) {
	over, cancel := context.WithCancel(t.Context())
	cancel()
	timeout := &net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded}
	f := func(name string, err error, want bool) {
		t.Helper()
		if got := gaveUp(err); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	f("answered", nil, false)
	f("left", fmt.Errorf("query: %w", context.Canceled), true)
	f("too slow", fmt.Errorf("query: %w", context.DeadlineExceeded), true)
	f("in the driver's words", blame(over, timeout), true)
	f("in the driver's words, with time left", blame(t.Context(), timeout), false)
	f("refused", blame(t.Context(), errors.New("memory limit exceeded")), false)
	if err := blame(over, timeout); !errors.Is(err, timeout) {
		t.Errorf("the driver's own words are lost: %v", err)
	}
	if err := blame(over, nil); err != nil {
		t.Errorf("an answer became an error: %v", err)
	}
}
