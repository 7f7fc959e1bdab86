package torture

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// roleVariable, when set in the environment, makes this program one of the
// office's processes, so that it can be killed for good: its value is the role,
// and orderVariable holds the role's orders as JSON.
const (
	roleVariable  = "TORTURE_ROLE"
	orderVariable = "TORTURE_ORDER"
)

// playRole does not return in a process that was started for a role.
func playRole() {
	roles := map[string]func(order []byte) error{"sink": playSink, "broker": playBroker}
	play, ok := roles[os.Getenv(roleVariable)]
	if !ok {
		return
	}
	go func() { // the parent holds the other end: it closes when the parent is gone, however it went
		_, _ = io.Copy(io.Discard, os.NewFile(lifeline, "lifeline"))
		os.Exit(0)
	}()
	if err := play([]byte(os.Getenv(orderVariable))); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

const lifeline = 3 // descriptor

// patience is how long a test waits for something that has to come.
const patience = time.Minute

// process is a running part of the office.
type process struct {
	t       *testing.T
	name    string
	cmd     *exec.Cmd
	ended   chan struct{} // closed when it is gone
	logFile string        // what it wrote to standard error

	mu      sync.Mutex
	said    []string // lines on standard output
	heard   int      // of them, by await
	changed chan struct{}
}

// start runs this program in a role.
func start(t *testing.T, role string, order any) *process {
	t.Helper()
	text, err := json.Marshal(order)
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.CreateTemp(scratch, role+"-*.log")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	childEnd, parentEnd, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = childEnd.Close() }()
	p := &process{t: t, name: role, cmd: exec.Command(exe), ended: make(chan struct{}), logFile: log.Name(), changed: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), roleVariable+"="+role, orderVariable+"="+string(text))
	p.cmd.Stderr, p.cmd.ExtraFiles = log, []*os.File{childEnd}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start a %s: %v", role, err)
	}
	go func() {
		p.listen(out)
		_ = p.cmd.Wait()
		_ = parentEnd.Close()
		close(p.ended)
	}()
	t.Cleanup(p.kill)
	return p
}

// listen takes in what the process says until it is gone.
func (p *process) listen(out io.Reader) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		p.mu.Lock()
		p.said = append(p.said, lines.Text())
		close(p.changed)
		p.changed = make(chan struct{})
		p.mu.Unlock()
	}
}

// await returns the rest of the next line that begins with what, among those
// that no earlier await has passed.
func (p *process) await(what string) string {
	p.t.Helper()
	deadline := time.After(patience)
	for {
		p.mu.Lock()
		for p.heard < len(p.said) {
			line := p.said[p.heard]
			p.heard++
			if rest, ok := strings.CutPrefix(line, what); ok {
				p.mu.Unlock()
				return strings.TrimSpace(rest)
			}
		}
		changed := p.changed
		p.mu.Unlock()
		select {
		case <-changed:
		case <-p.ended:
			p.t.Fatalf("the %s ended (%v) before it said %q, see %s", p.name, p.cmd.ProcessState, what, p.logFile)
		case <-deadline:
			p.t.Fatalf("the %s did not say %q, see %s", p.name, what, p.logFile)
		}
	}
}

// passOver makes await forget what was said so far.
func (p *process) passOver() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = len(p.said)
}

// count is how often the process said what.
func (p *process) count(what string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, line := range p.said {
		if strings.HasPrefix(line, what) {
			n++
		}
	}
	return n
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatalf("send %v to the %s: %v", s, p.name, err)
	}
}

// wait returns once the process is gone, with its exit status, -1 when a
// signal ended it.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatalf("the %s does not end, see %s", p.name, p.logFile)
	}
	return p.cmd.ProcessState.ExitCode()
}

// kill is kill -9.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

func (p *process) alive() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// logged reports whether the process's log has a line with all the words.
func (p *process) logged(words ...string) bool {
	p.t.Helper()
	text, err := os.ReadFile(p.logFile)
	if err != nil {
		p.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, w) }) {
			return true
		}
	}
	return false
}

// peakMemory is the most that a process has had in memory, in bytes; 0 when it
// is gone.
func peakMemory(pid int) int64 {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kb << 10
		}
	}
	return 0
}
