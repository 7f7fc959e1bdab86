package torture

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"example.com/officepulse/ingest/delivery"
)

// smallDisk mounts a disk of so many MB in memory.
func smallDisk(t *testing.T, megabytes int) (dir string) {
	t.Helper()
	needRoot(t, "mount a small disk")
	dir = folder(t, "disk")
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", megabytes)); err != nil {
		t.Fatalf("mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if logs, _ := filepath.Glob(filepath.Join(dir, "*", "engine.log")); t.Failed() && len(logs) > 0 {
			if text, err := os.ReadFile(logs[0]); err == nil {
				_ = os.WriteFile(filepath.Join(scratch, filepath.Base(dir)+"-engine.log"), text, 0o600)
			}
		}
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount the small disk: %v", err)
		}
	})
	return dir
}

// needRoot skips a row that only root can run, though never where all rows have
// to run.
func needRoot(t *testing.T, what string) {
	t.Helper()
	switch {
	case os.Geteuid() == 0:
	case os.Getenv("CI") == "true":
		t.Fatalf("only root may %s, and no row is left out in CI", what)
	default:
		t.Skipf("only root may %s", what)
	}
}

// fillPause lets a disk fill as fast as a quick disk can be written, and not at
// the speed of memory.
const fillPause = 2 * time.Millisecond // a MB

// fill leaves no byte on a disk; the returned function makes room again.
func fill(t *testing.T, dir string) (empty func()) {
	t.Helper()
	name := filepath.Join(dir, "filler")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1 << 20, 4 << 10, 1} {
		for err == nil {
			if _, err = f.Write(make([]byte, size)); size == 1<<20 {
				time.Sleep(fillPause)
			}
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("fill the disk: %v", err)
		}
		err = nil
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(name); err != nil {
			t.Errorf("make room on the disk: %v", err)
		}
	}
}

const (
	clickHouseDiskMB = 192
	kafkaDiskMB      = 128
)

// clickHouseDiskFull leaves the engine no room. The sink says that it waits for
// somebody, the gateway goes on taking events, and all goes on once there is
// room.
func clickHouseDiskFull(t *trial) {
	dir := smallDisk(t.T, clickHouseDiskMB)
	span := lasting(20*time.Second, 3*time.Second)
	o := newOffice(t, equipment{seconds: span.Seconds() + 3, engineDir: filepath.Join(dir, "clickhouse")})
	s := o.startSink(nil)
	o.during(func() {
		empty := fill(t.T, dir)
		waitFor(t.T, "the sink to say that it waits for somebody", func() bool { return blocked(s.troubles()) })
		o.sender.waitTaken(usualRate / 2)
		time.Sleep(span)
		empty()
	})
	if left := s.troubles(); len(left) > 0 {
		t.Errorf("the sink still says:\n%s", describe(left))
	}
	if o.sender.refusals(http.StatusServiceUnavailable) > 0 {
		t.Error("the gateway refused events although the broker had room")
	}
	o.judge(expectation{})
}

func blocked(troubles []delivery.Trouble) bool {
	for _, t := range troubles {
		if t.Blocked && t.Step == "insert" {
			return true
		}
	}
	return false
}

// kafkaDiskFull leaves the broker no room: the gateway refuses and says when to
// come again. What was acknowledged lies whole on the disk, which a kill of the
// broker shows afterwards.
func kafkaDiskFull(t *trial) {
	dir := smallDisk(t.T, kafkaDiskMB)
	o := newOffice(t, equipment{seconds: 8, brokerDir: filepath.Join(dir, "broker")})
	o.startSink(nil)
	o.during(func() {
		empty := fill(t.T, dir)
		waitFor(t.T, "the gateway to refuse", func() bool { return o.sender.refusals(http.StatusServiceUnavailable) > 0 })
		time.Sleep(lasting(20*time.Second, 3*time.Second))
		empty()
		if o.broker.running() { // Apache Kafka ends when it cannot write
			o.sender.waitTaken(usualRate / 2)
			o.broker.kill()
		}
		o.broker.start()
	})
	// The embedded broker answers a commit that it could not write down, and has
	// forgotten it when it is killed before the next one: what was read is read
	// again, which costs copies on the disk and changes no figure.
	o.judge(expectation{commitsForgotten: !o.broker.real})
}

// clickHouseDiskSlow makes every fsync of the engine take a fifth of a second
// longer.
func clickHouseDiskSlow(t *trial) {
	span := lasting(30*time.Second, 5*time.Second)
	o := newOffice(t, equipment{seconds: span.Seconds()})
	o.startSink(nil)
	o.during(func() {
		quick := slowDown(t.T, o.engine.Pid())
		time.Sleep(span)
		quick()
	})
	o.judge(expectation{noCopies: true})
}

// kafkaDiskSlow does the same to the broker.
func kafkaDiskSlow(t *trial) {
	span := lasting(30*time.Second, 5*time.Second)
	o := newOffice(t, equipment{seconds: span.Seconds()})
	o.startSink(nil)
	o.during(func() {
		quick := slowDown(t.T, o.broker.pid)
		time.Sleep(span)
		quick()
	})
	o.judge(expectation{})
}

// slowDown delays what a process does to have its data on the disk, until the
// returned function is called. It stops the process at every call of the system
// besides, as tracing does.
func slowDown(t *testing.T, pid int) (quick func()) {
	t.Helper()
	needRoot(t, "trace another process")
	cmd := exec.Command("strace", "-f", "-p", strconv.Itoa(pid), "-o", filepath.Join(folder(t, "strace"), "trace"),
		"-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:delay_enter=200000")
	says, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("slow a process down (Debian: apt-get install strace): %v", err)
	}
	lines := bufio.NewScanner(says)
	if !lines.Scan() {
		t.Fatalf("strace did not attach to %d: %v", pid, cmd.Wait())
	}
	go func() {
		for lines.Scan() { // a full pipe would stop it
		}
	}()
	return func() {
		_ = cmd.Process.Signal(syscall.SIGINT)
		_ = cmd.Wait() // says that it was interrupted
	}
}
