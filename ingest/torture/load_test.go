package torture

import (
	"net/http"
	"time"

	"golang.org/x/time/rate"

	"example.com/officepulse/ingest/gateway"
)

// burst sends ten times as much as usual through a gateway that lets half of
// it pass, to a sink that may hold little. All is taken in the end, the sink's
// memory is bounded, and who is refused is told when to come again.
func burst(t *trial) {
	const (
		tenTimes    = 10 * usualRate
		inHand      = 1 << 20
		memoryBound = 256 << 20
	)
	span := lasting(20*time.Second, 3*time.Second)
	o := newOffice(t, equipment{
		events:  story(t.T, int(tenTimes*span.Seconds())),
		gateway: gateway.Config{MaxBodyBytes: 1 << 20, EventsPerSec: rate.Limit(tenTimes / 2), Burst: usualRate},
	})
	o.sender.batch, o.sender.atOnce = 100, 16
	o.startSink(func(order *sinkOrder) { order.InHand = inHand })
	o.during(func() {
		stop := o.sender.send(tenTimes)
		time.Sleep(span)
		stop()
	})
	if o.sender.refusals(http.StatusTooManyRequests) == 0 {
		t.Error("the gateway refused nothing: there was no burst")
	}
	o.judge(expectation{noCopies: true})
	if t.result.peakBytes > memoryBound {
		t.Errorf("the sink took %d MB, want at most %d", t.result.peakBytes>>20, memoryBound>>20)
	}
}

func lastingSeconds(inFull, inShort int) int {
	return int(lasting(time.Duration(inFull)*time.Second, time.Duration(inShort)*time.Second).Seconds())
}
