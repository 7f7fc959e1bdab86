package torture

import (
	"math/rand/v2"
	"syscall"
	"time"
)

// killSink kills the sink at a point and starts another in its place, as
// whatever supervises it would. The dead one's partitions are free only when
// its session has timed out, so that is what the recovery takes.
func killSink(point string) func(*trial) {
	return func(t *trial) {
		o := newOffice(t, equipment{seconds: 4})
		s := o.startSink(func(order *sinkOrder) { order.Crash, order.CrashAt = point, 10+rand.Int64N(50) })
		o.during(func() {
			if status := s.wait(); status != -1 {
				t.Fatalf("the sink ended with status %d, see %s", status, s.logFile)
			}
			o.startSink(nil)
		})
		// Without a store that forgets, an insert that was not committed is done
		// again, in batches that may be cut otherwise: copies on the disk are right.
		o.judge(expectation{})
	}
}

// killClickHouse kills the engine again and again until it has hit an insert,
// which it shows by failing.
func killClickHouse(t *trial) {
	o := newOffice(t, equipment{seconds: 8})
	s := o.startSink(nil)
	o.during(func() {
		for s.count(failed) == 0 {
			s.passOver()
			s.await(inserting)
			time.Sleep(rand.N(10 * time.Millisecond)) // somewhere in the insert
			pid := o.engine.Pid()
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			waitFor(t.T, "the engine to be back", func() bool {
				return o.engine.Pid() != pid && o.engine.Pid() != 0 && o.conn.Ping(t.Context()) == nil
			})
			s.await(inserted)
		}
	})
	o.judge(expectation{})
}

// sigterm stops a sink as a deployment does and starts the next one, twice.
func sigterm(t *trial) {
	o := newOffice(t, equipment{seconds: 6})
	s := o.startSink(nil)
	o.during(func() {
		for range 2 {
			s.await(inserting)
			s.signal(syscall.SIGTERM)
			if status := s.wait(); status != 0 {
				t.Fatalf("the sink ended with status %d, see %s", status, s.logFile)
			}
			s = o.startSink(nil)
			s.await(inserted)
		}
	})
	o.judge(expectation{noCopies: true})
}
