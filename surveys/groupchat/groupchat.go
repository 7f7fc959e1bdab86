// Package groupchat tells a group of WeCom (企业微信), DingTalk (钉钉) or Feishu
// (飞书) that a survey is open: a notice with a department's link goes in, a
// message of the group's robot comes out.
package groupchat

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Service is whose group it is.
type Service string

// The services.
const (
	WeCom    Service = "wecom"
	DingTalk Service = "dingtalk"
	Feishu   Service = "feishu"

	// Plain is a receiver of one's own: it gets JSON with title, text and url, and
	// has taken it when it answers with a status of 200 to 299.
	Plain Service = "webhook"
)

// Hook is a group's robot.
type Hook struct {
	Service Service
	URL     string // as the service shows it, with its key or access token: a secret
	Secret  string // of DingTalk and Feishu, for the signature; empty: unsigned
}

// Check says what is wrong with a hook, without ever repeating its address.
func (h Hook) Check() error {
	u, err := url.Parse(h.URL)
	switch {
	case err != nil || u.Host == "":
		return errors.New("the webhook's address is none")
	case u.Scheme != "https" && u.Scheme != "http":
		return errors.New("a webhook's address begins with https://")
	case h.Service != WeCom && h.Service != DingTalk && h.Service != Feishu && h.Service != Plain:
		return fmt.Errorf("there are groups of wecom, dingtalk and feishu, and webhook for a receiver of your own, not of %q", h.Service)
	}
	return nil
}

// Client sends notices. Make one with [New].
type Client struct {
	http    *http.Client
	private bool
	now     func() time.Time
	wait    func(context.Context, time.Duration) error
}

// New makes a client. With private it also calls addresses that are not public
// and does without TLS, which is for tests and for a gateway of one's own.
func New(private bool) *Client {
	return &Client{http: newHTTP(private), private: private, now: time.Now, wait: wait}
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// RateLimitError says that the service takes no more for the time being.
type RateLimitError struct{ After time.Duration }

// Error says for how long.
func (e *RateLimitError) Error() string {
	return fmt.Sprintf("the group's service takes no more messages for %v", e.After)
}

// RefusedError is the service's own word on why it did not take a message.
type RefusedError struct {
	Status  int // of HTTP
	Code    int // of the service
	Message string
}

// Error has both.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("the group's service refused the message: HTTP %d, code %d %s", e.Status, e.Code, e.Message)
}

// attempts is how often a message is tried while the service's limit holds it up.
const attempts = 3

// Send posts the notice and returns when the service has taken it. While the
// service's rate limit holds it up it waits as long as the service says, and
// gives up with a [RateLimitError] after the third try. Of a lost reply nobody
// knows whether the group has the message, so there is no second try for that.
func (c *Client) Send(ctx context.Context, h Hook, n Notice) error {
	return c.Post(ctx, h, n.message())
}

// Message is what stands in a group: a heading, lines, and where to read on.
type Message struct {
	Heading string
	Lines   []string // the heading of a survey's notice is the first of them
	Link    string   // "": there is nothing more to read
}

func (m Message) text() string {
	lines := m.Lines
	if m.Link != "" {
		lines = append(slices.Clone(lines), m.Link)
	}
	return strings.Join(lines, "\n")
}

// Post sends a message as [Client.Send] does a notice. What is in it goes to the
// whole group.
func (c *Client) Post(ctx context.Context, h Hook, n Message) error {
	if err := h.Check(); err != nil {
		return err
	}
	for try := 1; ; try++ {
		err := c.post(ctx, h, n)
		limit, ok := errors.AsType[*RateLimitError](err)
		if !ok || try == attempts {
			return err
		}
		if c.wait(ctx, limit.After) != nil {
			return err
		}
	}
}

func (c *Client) post(ctx context.Context, h Hook, n Message) error {
	address, body, err := h.message(n, c.now())
	if err != nil {
		return err
	}
	if address.Scheme != "https" && !c.private {
		return errors.New("a webhook's address begins with https://")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address.String(), bytes.NewReader(body))
	if err != nil {
		return errors.New("the webhook's address is none")
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	response, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("call the group's service: %w", withoutURL(err))
	}
	defer func() { _ = response.Body.Close() }()
	if h.Service == Plain && response.StatusCode != http.StatusTooManyRequests {
		if response.StatusCode/100 != 2 {
			return &RefusedError{Status: response.StatusCode}
		}
		return nil
	}
	return outcome(response)
}

// withoutURL keeps the webhook's key out of logs.
func withoutURL(err error) error {
	if called, ok := errors.AsType[*url.Error](err); ok {
		return called.Err
	}
	return err
}

// message is where a notice goes and how.
func (h Hook) message(n Message, now time.Time) (*url.URL, []byte, error) {
	address, err := url.Parse(h.URL)
	if err != nil {
		return nil, nil, errors.New("the webhook's address is none")
	}
	var body map[string]any
	switch h.Service {
	case WeCom: // text, because its Markdown has no way to quote a title's own marks
		body = map[string]any{"msgtype": "text", "text": map[string]any{"content": n.text()}}
	case DingTalk:
		body = map[string]any{"msgtype": "text", "text": map[string]any{"content": n.text()}}
		if h.Secret != "" {
			query := address.Query()
			millis := strconv.FormatInt(now.UnixMilli(), 10)
			query.Set("timestamp", millis)
			query.Set("sign", signDingTalk(h.Secret, millis))
			address.RawQuery = query.Encode()
		}
	case Plain:
		body = map[string]any{"title": n.Heading, "text": n.text(), "url": n.Link}
	case Feishu:
		body = map[string]any{"msg_type": "post", "content": map[string]any{"post": map[string]any{"zh_cn": feishuPost(n)}}}
		if h.Secret != "" {
			seconds := strconv.FormatInt(now.Unix(), 10)
			body["timestamp"], body["sign"] = seconds, signFeishu(h.Secret, seconds)
		}
	}
	data, err := json.Marshal(body)
	if err != nil {
		return nil, nil, fmt.Errorf("write the message: %w", err)
	}
	return address, data, nil
}

// feishuPost is a message with a heading, whose texts Feishu does not interpret.
func feishuPost(n Message) map[string]any {
	content := make([][]map[string]any, 0, len(n.Lines)+1)
	for i, line := range n.Lines {
		if i == 0 && line == n.Heading {
			continue // the title says it
		}
		content = append(content, []map[string]any{{"tag": "text", "text": line}})
	}
	if n.Link != "" {
		content = append(content, []map[string]any{{"tag": "a", "text": n.Link, "href": n.Link}})
	}
	return map[string]any{"title": n.Heading, "content": content}
}

// signDingTalk signs a message in the way of DingTalk's robots: the secret is
// the key. Source: open.dingtalk.com, "Custom robot security settings".
func signDingTalk(secret, timestamp string) string {
	return signature(secret, timestamp+"\n"+secret)
}

// signFeishu signs in the way of Feishu's: timestamp and secret are the key, and
// what is signed is empty. Source: open.feishu.cn, "Custom bot usage guide".
func signFeishu(secret, timestamp string) string {
	return signature(timestamp+"\n"+secret, "")
}

func signature(key, message string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(message))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// The codes by which the services say that it is too much: 20 messages a minute
// (WeCom, DingTalk), 100 a minute and 5 a second (Feishu).
var tooMuch = map[int]bool{45009: true, 45033: true, 130101: true, 410100: true, 11232: true, 9499: true, 99991400: true}

const (
	limitWindow = time.Minute // of the services' limits
	maxWait     = 10 * time.Minute
	maxAnswer   = 64 << 10
)

// answer is what the services say: WeCom and DingTalk the first two, Feishu the others.
type answer struct {
	ErrCode *int   `json:"errcode"`
	ErrMsg  string `json:"errmsg"`
	Code    *int   `json:"code"`
	Msg     string `json:"msg"`
}

// outcome reads whether the message was taken: only when the service says so.
func outcome(response *http.Response) error {
	if response.StatusCode == http.StatusTooManyRequests {
		return &RateLimitError{After: retryAfter(response.Header)}
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("read the answer of the group's service: %w", err)
	}
	refused := &RefusedError{Status: response.StatusCode, Code: -1}
	var a answer
	if json.Unmarshal(text, &a) != nil || (a.ErrCode == nil && a.Code == nil) {
		return refused
	}
	code := cmp.Or(a.ErrCode, a.Code)
	refused.Code, refused.Message = *code, cmp.Or(a.ErrMsg, a.Msg)
	switch {
	case tooMuch[*code]:
		return &RateLimitError{After: retryAfter(response.Header)}
	case response.StatusCode/100 != 2 || *code != 0:
		return refused
	}
	return nil
}

func retryAfter(h http.Header) time.Duration {
	if seconds, err := strconv.Atoi(h.Get("Retry-After")); err == nil && seconds > 0 {
		return min(time.Duration(seconds)*time.Second, maxWait)
	}
	return limitWindow
}
