package groupchat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.com/officepulse/surveys/invitation"
	"example.com/officepulse/surveys/questionnaire"
)

var (
	secret = invitation.Secret("0123456789abcdef0123456789abcdef")
	closes = time.Date(2026, 9, 30, 18, 0, 0, 0, time.FixedZone("", 8*3600))
)

func forms(t *testing.T) *url.URL {
	t.Helper()
	u, err := url.Parse("https://office.example.com/s/")
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func notice(t *testing.T) Notice {
	t.Helper()
	i := invitation.New(invitation.Department, "2026Q3", "quality")
	link, err := Open(forms(t), &i, secret)
	if err != nil {
		t.Fatal(err)
	}
	n, err := NewNotice(questionnaire.Text{ZH: "满意度\n调查", EN: "Satisfaction"}, closes, link, secret)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The vectors were computed with OpenSSL, e.g. of DingTalk:
// printf '%s\n%s' 1577262236757 SECthis | openssl dgst -sha256 -hmac SECthis -binary | base64
func TestSignatures(t *testing.T) {
	if got, want := signDingTalk("SECthis", "1577262236757"), "kF4wfFP9hA3gxOYzwmYk42ZHhcUKme9jHejbrir0mo8="; got != want {
		t.Errorf("DingTalk: got %s, want %s", got, want)
	}
	if got, want := signFeishu("demo", "1599360473"), "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="; got != want {
		t.Errorf("Feishu: got %s, want %s", got, want)
	}
}

// group plays the service: it answers what it is told to and keeps what it got.
type group struct {
	answers []func(http.ResponseWriter)
	asked   []*http.Request
	bodies  []map[string]any
}

func (g *group) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var message map[string]any
	_ = json.Unmarshal(body, &message)
	g.asked, g.bodies = append(g.asked, r), append(g.bodies, message)
	g.answers[min(len(g.asked), len(g.answers))-1](w)
}

func say(status int, text string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		if status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "7")
		}
		if status == http.StatusFound {
			w.Header().Set("Location", "http://127.0.0.1:1/")
		}
		w.WriteHeader(status)
		fmt.Fprint(w, text)
	}
}

func client(t *testing.T, g *group) (c *Client, address string, waited *[]time.Duration) {
	t.Helper()
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	c = New(true)
	c.now = func() time.Time { return time.UnixMilli(1577262236757) }
	waited = new([]time.Duration)
	c.wait = func(_ context.Context, d time.Duration) error { *waited = append(*waited, d); return nil }
	return c, server.URL, waited
}

func TestSend(t *testing.T) {
	for _, service := range []Service{WeCom, DingTalk, Feishu} {
		t.Run(string(service), func(t *testing.T) {
			g := &group{answers: []func(http.ResponseWriter){say(200, `{"errcode":0,"errmsg":"ok"}`)}}
			if service == Feishu {
				g.answers[0] = say(200, `{"code":0,"msg":"success","data":{}}`)
			}
			c, address, _ := client(t, g)
			n := notice(t)
			if err := c.Send(t.Context(), Hook{Service: service, URL: address + "/robot?access_token=a%2Bb", Secret: "SECthis"}, n); err != nil {
				t.Fatal(err)
			}
			r, text := g.asked[0], fmt.Sprint(g.bodies[0])
			if r.Method != http.MethodPost || r.URL.Query().Get("access_token") != "a+b" {
				t.Errorf("asked %s %s", r.Method, r.URL)
			}
			for _, want := range []string{"满意度 调查", "Satisfaction", "2026年9月30日18:00", n.link.url} {
				if !strings.Contains(text, want) {
					t.Errorf("the message lacks %q: %s", want, text)
				}
			}
			switch service {
			case DingTalk:
				if got := r.URL.Query().Get("sign"); got != signDingTalk("SECthis", "1577262236757") {
					t.Errorf("sign %q", got)
				}
			case WeCom, Plain: // have no signature
			case Feishu:
				if g.bodies[0]["sign"] != signFeishu("SECthis", "1577262236") || g.bodies[0]["timestamp"] != "1577262236" {
					t.Errorf("message %v", g.bodies[0])
				}
			}
		})
	}
}

func TestRateLimit(t *testing.T) {
	g := &group{answers: []func(http.ResponseWriter){say(200, `{"errcode":45009,"errmsg":"api freq out of limit"}`), say(429, ""), say(200, `{"errcode":0}`)}}
	c, address, waited := client(t, g)
	if err := c.Send(t.Context(), Hook{Service: WeCom, URL: address}, notice(t)); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(*waited); got != "[1m0s 7s]" {
		t.Errorf("waited %s", got)
	}
	for _, code := range []string{`{"errcode":45009}`, `{"errcode":130101}`, `{"errcode":410100}`, `{"code":11232}`} {
		g = &group{answers: []func(http.ResponseWriter){say(200, code)}}
		c, address, _ = client(t, g)
		err := c.Send(t.Context(), Hook{Service: Feishu, URL: address}, notice(t))
		if limit, ok := errors.AsType[*RateLimitError](err); !ok || limit.After != time.Minute || len(g.asked) != attempts {
			t.Errorf("%s: %v after %d tries", code, err, len(g.asked))
		}
	}
}

// What the service did not say that it took, it did not take.
func TestRefused(t *testing.T) {
	for _, answer := range []func(http.ResponseWriter){
		say(200, `{"errcode":93000,"errmsg":"invalid webhook url"}`), say(200, `{"code":19021,"msg":"sign match fail"}`),
		say(200, `<html>Sign in</html>`), say(200, `{}`), say(500, `{"errcode":0}`), say(302, ``), say(200, strings.Repeat(" ", maxAnswer)+`{"code":0}`),
	} {
		g := &group{answers: []func(http.ResponseWriter){answer}}
		c, address, _ := client(t, g)
		err := c.Send(t.Context(), Hook{Service: DingTalk, URL: address + "/?access_token=hushhush"}, notice(t))
		if _, ok := errors.AsType[*RefusedError](err); !ok || len(g.asked) != 1 {
			t.Errorf("got %v after %d tries", err, len(g.asked))
		}
	}
	c, _, _ := client(t, &group{})
	err := c.Send(t.Context(), Hook{Service: WeCom, URL: "http://127.0.0.1:1/?key=hushhush"}, notice(t))
	if err == nil || strings.Contains(err.Error(), "hushhush") {
		t.Errorf("nobody listens: %v", err)
	}
	for _, h := range []Hook{{WeCom, "ftp://a/", ""}, {WeCom, "", ""}, {WeCom, "https://a b/?key=hushhush", ""}, {"slack", "https://a/", ""}} {
		if err := c.Send(t.Context(), h, notice(t)); err == nil || strings.Contains(err.Error(), "hushhush") {
			t.Errorf("%v: %v", h, err)
		}
	}
}

func TestPersonalLinksStayOut(t *testing.T) {
	personal := invitation.New(invitation.Personal, "2026Q3", "quality")
	if _, err := Open(forms(t), &personal, secret); !errors.Is(err, ErrPersonal) {
		t.Errorf("a personal link: %v", err)
	}
	open := notice(t).link
	code := personal.Code(secret)
	for _, title := range []string{"请填 https://office.example.com/s/" + code + " 谢谢", code + ".", "（" + code + "）", url.PathEscape("x " + code), "https://a/?u=" + url.QueryEscape("https://office.example.com/s/"+code)} {
		if _, err := NewNotice(questionnaire.Text{ZH: "调查", EN: title}, closes, open, secret); !errors.Is(err, ErrPersonal) {
			t.Errorf("title %q: %v", title, err)
		}
	}
	if _, err := NewNotice(questionnaire.Text{ZH: "调查 " + open.url}, closes, open, secret); err != nil {
		t.Errorf("a department's link in the title: %v", err)
	}
	if _, err := NewNotice(questionnaire.Text{ZH: "调查"}, closes, OpenLink{}, secret); err == nil {
		t.Error("a notice without link was made")
	}
}

// names answers look-ups; the second answer of a name differs from the first.
type names map[string][]string

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	a := n[host][0]
	if len(n[host]) > 1 {
		n[host] = n[host][1:]
	}
	var all []netip.Addr
	for one := range strings.FieldsSeq(a) {
		all = append(all, netip.MustParseAddr(one))
	}
	return all, nil
}

func TestDial(t *testing.T) {
	for _, address := range []string{
		"127.0.0.1", "10.0.0.8", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "198.18.0.1",
		"::1", "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1", "::7f00:1",
		"93.184.216.34 127.0.0.1", // one bad address among good ones
	} {
		_, err := dialer{resolver: names{"hook": {address}}}.dial(t.Context(), "tcp", "hook:443")
		if !errors.Is(err, ErrForbiddenAddress) {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "8.8.8.8"} {
		if !public(netip.MustParseAddr(address)) {
			t.Errorf("%s is a public address", address)
		}
	}
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	address, _ := url.Parse(server.URL)
	// One look-up: the second would lead to an address that nobody listens on.
	conn, err := dialer{resolver: names{"hook": {"127.0.0.1", "192.0.2.1"}}, private: true}.dial(t.Context(), "tcp", "hook:"+address.Port())
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	if err := New(false).Send(t.Context(), Hook{Service: WeCom, URL: "https://127.0.0.1:" + address.Port()}, notice(t)); !errors.Is(err, ErrForbiddenAddress) {
		t.Errorf("loopback: %v", err)
	}
	if err := New(false).Send(t.Context(), Hook{Service: WeCom, URL: "http://example.com/"}, notice(t)); err == nil {
		t.Error("a webhook without TLS was called")
	}
}
