package torture

import (
	"math/rand/v2"
	"syscall"
	"time"
)

// kafkaCut cuts a sink off the broker for longer than a session while it holds
// a batch that it has stored and not committed. Another takes over; when the
// first is back, its commit must be refused.
func kafkaCut(t *trial) {
	o := newOffice(t, equipment{seconds: 12})
	l := newLink(t.T, o.broker.addr())
	first := o.startSink(func(order *sinkOrder) {
		order.Via, order.Hold = map[string]string{o.broker.addr(): l.addr()}, true
	})
	o.takeOver(first, l.cut, l.mend)
}

// sinkFrozen stops the whole sink, as a machine does that runs out of memory or
// is moved. Its connections live on, so its late commit reaches the broker.
func sinkFrozen(t *trial) {
	o := newOffice(t, equipment{seconds: 12})
	first := o.startSink(func(order *sinkOrder) { order.Hold = true })
	o.takeOver(first, func() { first.signal(syscall.SIGSTOP) }, func() { first.signal(syscall.SIGCONT) })
}

// takeOver disables the first sink while it holds a batch, waits until another
// has its partitions and has gone beyond, and lets the first go on.
func (o *office) takeOver(first *sink, disable, enable func()) {
	o.t.Helper()
	o.during(func() {
		first.await(inserted)
		first.signal(syscall.SIGUSR1)
		first.await(holding)
		disable()
		second := o.startSink(nil)
		second.await(inserted) // a session later
		for range 10 {
			second.await(inserted)
		}
		enable()
		first.signal(syscall.SIGUSR2)
		waitFor(o.t, "the commit to be refused", func() bool { return first.counter("officepulse_sink_retries_total", `step="commit"`) > 0 })
	})
	o.judge(expectation{})
}

// sinksComeAndGo starts and stops sinks all the time, one after the other.
func sinksComeAndGo(n int) func(*trial) {
	return func(t *trial) {
		span := lasting(time.Minute, 12*time.Second)
		o := newOffice(t, equipment{seconds: span.Seconds()})
		sinks := make([]*sink, n)
		for i := range sinks {
			sinks[i] = o.startSink(nil)
		}
		o.during(func() {
			for end := time.Now().Add(span); time.Now().Before(end); {
				i := rand.IntN(n)
				sinks[i].signal(syscall.SIGTERM)
				time.Sleep(rand.N(time.Second)) // the next may come before the last has gone, or after
				sinks[i] = o.startSink(nil)
				time.Sleep(rand.N(2 * time.Second))
			}
		})
		o.judge(expectation{})
	}
}
