package torture

import (
	"net/http"
	"time"
)

// brokerDown kills the broker and starts it again later. Meanwhile the gateway
// refuses, within its bound and saying when to come again.
func brokerDown(inFull, inShort time.Duration) func(*trial) {
	return func(t *trial) {
		o := newOffice(t, equipment{seconds: 6})
		o.startSink(nil)
		down := lasting(inFull, inShort)
		o.during(func() {
			o.broker.kill()
			time.Sleep(down)
			o.broker.start()
		})
		if down > answerBound/2 && o.sender.refusals(http.StatusServiceUnavailable) == 0 {
			t.Error("the gateway refused nothing although the broker was away")
		}
		o.judge(expectation{})
	}
}
