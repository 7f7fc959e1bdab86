package groupchat

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// ErrForbiddenAddress is returned for a host that is no public one: a webhook
// must not become a way to ask the machines behind the firewall.
var ErrForbiddenAddress = errors.New("the address is not a public one")

const (
	dialTimeout   = 5 * time.Second
	answerTimeout = 15 * time.Second
)

// special are the networks that [netip.Addr] does not name and that lead, or may
// lead, to something else than the public network. Source: the special-purpose
// registries of IANA (RFC 6890).
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("::/96"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
}

// public reports whether an address belongs to the public network.
func public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Zone() != "" {
		return false
	}
	for _, network := range special {
		if network.Contains(a) {
			return false
		}
	}
	return true
}

// resolver looks names up.
type resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// dialer resolves a name once, looks at what came back, and dials just that: a
// name that changes between the look and the call gains nothing.
type dialer struct {
	resolver resolver
	private  bool // also addresses that are not public
}

func (d dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("the webhook's address: %w", err)
	}
	found, err := d.resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, fmt.Errorf("look up the webhook's host: %w", err)
	}
	for _, a := range found {
		if !d.private && !public(a) {
			return nil, fmt.Errorf("%w: %s is %s", ErrForbiddenAddress, host, a)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("look up the webhook's host: %s has no address", host)
	}
	plain := net.Dialer{Timeout: dialTimeout}
	return plain.DialContext(ctx, network, net.JoinHostPort(found[0].Unmap().String(), port))
}

// newHTTP makes a client that follows no redirects, uses no proxy and keeps
// neither cookies nor connections.
func newHTTP(private bool) *http.Client {
	return &http.Client{
		Timeout: answerTimeout,
		Transport: &http.Transport{
			DialContext: dialer{resolver: net.DefaultResolver, private: private}.dial, DisableKeepAlives: true,
			TLSHandshakeTimeout: dialTimeout, ResponseHeaderTimeout: answerTimeout,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
