package dashboard

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/delivery"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/gateway"
)

// fakeDelivery is a way from the log into the warehouse that never moves.
type fakeDelivery struct {
	audit     *delivery.Audit
	auditErr  error
	list      []delivery.Trouble
	elsewhere bool
}

func (f *fakeDelivery) Audit(context.Context) (*delivery.Audit, error) {
	if f.audit == nil && f.auditErr == nil {
		return &delivery.Audit{At: testNow}, nil
	}
	return f.audit, f.auditErr
}

func (f *fakeDelivery) Troubles() ([]delivery.Trouble, bool) { return f.list, !f.elsewhere }

// goodAudit accounts for 1200 messages, of which three are dead letters.
func goodAudit() *delivery.Audit {
	at := testNow.UTC()
	return &delivery.Audit{At: at, Log: "log1", Partitions: []delivery.Partition{
		{Topic: "officepulse.answer.v1", Partition: 0, End: 200, Committed: 200, Stored: 200, Watermark: at.Add(-time.Hour), NewestEvent: at.Add(-time.Hour)},
		{Topic: "officepulse.task.v1", Partition: 0, End: 700, Committed: 690, Lag: 10, Stored: 687, DeadLettered: 3, Resent: 4, LateShare: 0.125, Watermark: at, NewestEvent: at},
		{Topic: "officepulse.task.v1", Partition: 1, First: 5, End: 310, Committed: 310, Stored: 310, DuplicatedPhysically: 7, Watermark: at, NewestEvent: at},
	}}
}

// keeper keeps letters in memory as the warehouse does in tables.
type keeper struct {
	fail error

	mu      sync.Mutex
	letters []delivery.Filed // newest first
}

func (k *keeper) Letters(_ context.Context, f delivery.Filter) ([]delivery.Filed, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var found []delivery.Filed
	for _, l := range k.letters {
		in := strings.ToLower(l.Reason + "\n" + l.Key + "\n" + l.Value)
		if (f.Kind == "" || l.Kind == f.Kind) && (f.State == "" || l.State == f.State) && (f.Topic == "" || l.Place.Topic == f.Topic) && strings.Contains(in, strings.ToLower(f.Text)) {
			l.Acts, l.Value = nil, l.Value[:min(len(l.Value), 400)]
			found = append(found, l)
		}
	}
	found = found[min(f.Offset, len(found)):]
	return found[:min(f.Limit, len(found))], k.fail
}

func (k *keeper) Letter(_ context.Context, id string) (*delivery.Filed, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, l := range k.letters {
		if l.ID == id && k.fail == nil {
			l.Acts = slices.Clone(l.Acts)
			return &l, nil
		}
	}
	if k.fail != nil {
		return nil, k.fail
	}
	return nil, fmt.Errorf("%w: %q", delivery.ErrNoLetter, id)
}

func (k *keeper) LetterCounts(context.Context) (counts []delivery.Count, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, l := range k.letters {
		c := delivery.Count{Kind: l.Kind, Topic: l.Place.Topic, State: l.State, N: 1}
		i := slices.IndexFunc(counts, func(have delivery.Count) bool {
			have.N = 1
			return have == c
		})
		if i < 0 {
			counts = append(counts, c)
		} else {
			counts[i].N++
		}
	}
	return counts, k.fail
}

func (k *keeper) Note(_ context.Context, a delivery.Act) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range k.letters {
		if l := &k.letters[i]; l.ID == a.LetterID {
			l.Acts = append(l.Acts, a)
			switch {
			case a.OK && a.Deed == delivery.Replay:
				l.State = delivery.Replayed
			case a.OK && a.Deed == delivery.Discard:
				l.State = delivery.Discarded
			}
		}
	}
	return k.fail
}

// outbox is a Kafka that remembers what it was sent.
type outbox struct {
	mu   sync.Mutex
	sent []string
	fail error
}

func (o *outbox) Publish(_ context.Context, messages []ingest.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fail != nil {
		return o.fail
	}
	for _, m := range messages {
		o.sent = append(o.sent, string(m.Value))
	}
	return nil
}

// realDesk is the real desk with the real door over letters in memory.
func realDesk(k *keeper, o *outbox) *ingest.Desk {
	door := gateway.New(gateway.DefaultConfig(), o, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
	return ingest.NewDesk(k, door)
}

const goodText = `{"specversion":"1.0","id":"e1","source":"/erp","type":"officepulse.task.v1","time":"2026-09-30T09:00:00Z","data":{"process":"seal","case_id":"c1","stage":"apply","action":"approve","department":"sales"}}`

var badText = strings.Replace(goodText, `"approve"`, `"aprove"`, 1)

// badLetter is a letter about an event with a typing error; n tells it from others.
func badLetter(n int) delivery.Filed {
	return filed(n, delivery.Invalid, strings.Replace(badText, `"e1"`, fmt.Sprintf(`"e%d"`, n), 1), `data/action "aprove" is not allowed`)
}

func filed(n int, kind delivery.Kind, value, reason string) delivery.Filed {
	l := delivery.Letter{
		ID: fmt.Sprintf("%016x", n), Place: delivery.Place{Log: "log1", Topic: string(event.TypeTask), Partition: 0, Offset: int64(n)}, Last: int64(n),
		Kind: kind, Reason: reason, Key: "c1", Value: value, Size: int64(len(value)), PutAt: testNow.Add(-time.Duration(n) * time.Minute).UTC(), ProducedAt: testNow.Add(-time.Hour).UTC(),
		Headers: []delivery.Header{{Name: "traceparent", Value: "00-abc"}, {Name: "raw", Value: "\x00\xff"}},
	}
	return delivery.Filed{Letter: l, State: delivery.Open}
}

// someLetters are of every kind, with what is hard to show.
func someLetters() []delivery.Filed {
	list := []delivery.Filed{
		badLetter(1),
		filed(2, delivery.Malformed, "no JSON at all <script>alert(1)</script>", "it is no JSON"),
		filed(3, delivery.Malformed, "\x00\x01\xff\xfe binary \x1b[31m", "invalid UTF-8"),
		filed(4, delivery.Misplaced, strings.Replace(goodText, "e1", "e4", 1), "a task in the topic of faults"),
		filed(5, delivery.Oversize, strings.Repeat("x", 300<<10), "has 307200 bytes, at most 262144 are allowed"),
		filed(6, delivery.Unreadable, "\x02\x00\x99", "a batch of 3 messages cannot be unpacked"),
		filed(7, delivery.Unknown, "", ""),
		filed(8, delivery.Unstorable, strings.Replace(goodText, "e1", "e8", 1), "the database refused it"),
	}
	list[5].Last = 8
	list[4].Size = 2 << 20 // cut
	return list
}

const operatorToken = "the operator's"

// withDelivery adds to the dependencies what is about operations.
func withDelivery(deps Dependencies) Dependencies {
	if deps.Operations == nil {
		deps.Operations = &fakeDelivery{audit: goodAudit()}
	}
	if deps.Desk == nil {
		deps.Desk = realDesk(&keeper{}, &outbox{})
	}
	if deps.Operator == nil {
		deps.Operator = func(c *gin.Context) {
			if c.GetHeader("Authorization") != "Bearer "+operatorToken {
				c.AbortWithStatus(http.StatusUnauthorized)
			}
		}
	}
	return deps
}

// office is a dashboard with letters.
type office struct {
	*testing.T
	http.Handler

	keeper *keeper
	outbox *outbox
	way    *fakeDelivery
}

func newOffice(t *testing.T, letters ...delivery.Filed) *office {
	t.Helper()
	o := &office{T: t, keeper: &keeper{letters: letters}, outbox: &outbox{}, way: &fakeDelivery{audit: goodAudit()}}
	o.Handler = routerWith(t, Dependencies{Desk: realDesk(o.keeper, o.outbox), Operations: o.way, Surveys: heldSurveys(t), Warnings: warned{}, Targets: heldTargets(t), Changes: heldChanges(t), Study: fakeStudy{fake{quarters: 8}}})
	return o
}

var errAway = errors.New("dial tcp 10.1.2.3:9000: secret")
