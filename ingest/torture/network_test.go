package torture

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"testing"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// link is a network between two processes that can misbehave.
type link struct {
	t     *testing.T
	proxy *toxiproxy.Proxy
}

// newLink leads to an address.
func newLink(t *testing.T, to string) *link {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	l := &link{t: t, proxy: toxiproxy.NewProxy(server, "link", net.JoinHostPort("127.0.0.1", strconv.Itoa(freePort(t))), to)}
	l.mend()
	t.Cleanup(l.proxy.Stop)
	return l
}

func (l *link) addr() string { return l.proxy.Listen }

// cut breaks every connection and refuses new ones.
func (l *link) cut() { l.proxy.Stop() }

func (l *link) mend() {
	l.t.Helper()
	if err := l.proxy.Start(); err != nil {
		l.t.Fatalf("start the link: %v", err)
	}
}

// Directions of a link, seen from the client.
const (
	requests = "upstream"
	replies  = "downstream"
)

// delay holds everything in one direction back for so many milliseconds.
func (l *link) delay(direction string, milliseconds int) {
	l.add("latency", direction, fmt.Sprintf(`{"latency":%d}`, milliseconds))
}

// swallow leaves connections open and lets nothing through: neither side
// learns that the other is gone.
func (l *link) swallow() {
	l.add("timeout", requests, `{"timeout":0}`)
	l.add("timeout", replies, `{"timeout":0}`)
}

func (l *link) add(kind, direction, attributes string) {
	l.t.Helper()
	toxic := fmt.Sprintf(`{"type":%q,"stream":%q,"attributes":%s}`, kind, direction, attributes)
	if _, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
		l.t.Fatalf("spoil the link: %v", err)
	}
}

// clean takes delays and swallowing away; swallowed connections break.
func (l *link) clean() { l.proxy.Toxics.ResetToxics(l.t.Context()) }

// through is a DSN that leads by way of the link.
func (l *link) through(t *testing.T, dsn string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = l.addr()
	return u.String()
}
