package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/analytics/warning"
	"example.com/officepulse/surveys/groupchat"
	"example.com/officepulse/surveys/mail"
)

func TestWarningSettings(t *testing.T) {
	file := write(t, `smtp_address: mail.example.com:587
smtp_from: office@example.com
warning_mail: [director@example.com]
warning_groups:
  - {name: office, service: webhook, url: "https://hooks.example.com/hush"}
`)
	c, err := load(t, map[string]string{"OFFICEPULSE_CONFIG": file})
	if err != nil || len(c.Warnings.Mail) != 1 || c.Warnings.Groups[0].Service != "webhook" {
		t.Errorf("got %+v, %v", c.Warnings, err)
	}
	_, err = load(t, map[string]string{"OFFICEPULSE_CONFIG": write(t, `warning_mail: [nobody]
warning_groups:
  - {service: webhook, url: "ftp://hooks.example.com/hush"}
`)})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"there is no mail server", `"nobody" is no address`, "group 1 needs a name", "begins with https://"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "hush") {
		t.Errorf("a secret stands in the error:\n%v", err)
	}
}

// letterbox is a real SMTP server on loopback.
type letterbox struct {
	mu    sync.Mutex
	taken []string
}

func (l *letterbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &letterSession{box: l}, nil }

type letterSession struct{ box *letterbox }

func (s *letterSession) Mail(string, *smtp.MailOptions) error { return nil }
func (s *letterSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "gone@") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	}
	return nil
}

func (s *letterSession) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.taken = append(s.box.taken, string(text))
	return err
}
func (*letterSession) Reset()        {}
func (*letterSession) Logout() error { return nil }

func startLetterbox(t *testing.T) (*letterbox, string) {
	t.Helper()
	box := &letterbox{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(box)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return box, listener.Addr().String()
}

var someWarning = warning.Warning{
	Rule: handbook.NearDue, Subject: "doc_approval", Number: 1, Raised: time.Date(2026, 9, 30, 9, 0, 0, 0, time.UTC), Value: 3, Threshold: 2, N: 41,
}

// A warning arrives by mail and webhook, in both languages, with what to do and
// where to look; what was not taken is told apart from what may have arrived.
func TestWarningsAreTold(t *testing.T) {
	box, address := startLetterbox(t)
	var got map[string]string
	answer := http.StatusNoContent
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewDecoder(r.Body).Decode(&got)
		w.WriteHeader(answer)
	}))
	defer hook.Close()
	sender, err := mail.New(mail.Config{Address: address, Encryption: mail.None, From: "office@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	words := func(w *warning.Warning) (string, []string, error) { return warningText(handbook.Default(), w) }
	link := func() string { return "https://office.example.com/warnings" }
	letter := &mailTeller{sender, "director@example.com", words, link}
	group := &groupTeller{groupchat.New(true), "office", groupchat.Hook{Service: groupchat.Plain, URL: hook.URL}, words, link}
	for _, teller := range []warning.Teller{letter, group} {
		if err := teller.Tell(t.Context(), someWarning); err != nil {
			t.Fatalf("%s: %v", teller.Channel(), err)
		}
		if strings.Contains(teller.Channel(), "http") {
			t.Errorf("the channel %q has a secret", teller.Channel())
		}
	}
	if len(box.taken) != 1 || !strings.Contains(box.taken[0], "Auto-Submitted: auto-generated") {
		t.Errorf("taken %q", box.taken)
	}
	for _, want := range []string{"临期积压：文件审批", "Near-due backlog: Document approval", "3.0 days of work", "https://office.example.com/warnings", "2026-09-30 17:00"} {
		if !strings.Contains(got["title"]+"\n"+got["text"], want) {
			t.Errorf("the webhook's message lacks %q: %v", want, got)
		}
	}
	if got["url"] != "https://office.example.com/warnings" {
		t.Errorf("the link is %q", got["url"])
	}

	answer = http.StatusInternalServerError
	if err := group.Tell(t.Context(), someWarning); !errors.Is(err, warning.ErrNotTaken) {
		t.Errorf("refused by the receiver: %v", err)
	}
	letter.to = "gone@example.com"
	if err := letter.Tell(t.Context(), someWarning); !errors.Is(err, warning.ErrNotTaken) {
		t.Errorf("refused by the server: %v", err)
	}
	hook.Close()
	if err := group.Tell(t.Context(), someWarning); !errors.Is(err, warning.ErrNotTaken) {
		t.Errorf("nobody there: %v", err)
	}
}

// A running service warns of a source that has fallen silent: on the page, by
// mail and by webhook, once, also after a restart.
func TestServiceWarns(t *testing.T) {
	box, address := startLetterbox(t)
	var mu sync.Mutex
	var heard []map[string]string
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var got map[string]string
		_ = json.NewDecoder(r.Body).Decode(&got)
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, got)
	}))
	defer hook.Close()
	t.Setenv("OFFICEPULSE_CONFIG", write(t, fmt.Sprintf(`smtp_address: %s
smtp_encryption: none
smtp_from: office@example.com
warning_mail: [director@example.com]
survey_private_webhooks: true
warning_groups: [{name: office, service: webhook, url: %q}]
`, address, hook.URL)))
	book := write(t, strings.Replace(string(handbook.Example()), "quiet: closed", "quiet: never", 1))
	dir := t.TempDir()
	s := startService(t, dir, "--handbook", book)
	var events []string
	last := time.Now().AddDate(0, 0, -14)
	for i := range 400 {
		at := last.Add(-time.Duration(i) * 2 * time.Hour)
		events = append(events, fmt.Sprintf(`{"specversion":"1.0","id":"w-%d","source":"/quiet-oa","type":"officepulse.task.v1","time":%q,"data":{"process":"seal","case_id":"s-%d","stage":"application","action":"submit","department":"sales"}}`,
			i, at.UTC().Format(time.RFC3339), i))
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+eventsPath, strings.NewReader("["+strings.Join(events, ",")+"]"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/cloudevents-batch+json")
	request.Header.Set("Authorization", "Bearer "+s.token())
	response, err := httpClient().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if _ = response.Body.Close(); response.StatusCode != http.StatusAccepted {
		t.Fatal(response.Status)
	}
	told := func() bool {
		mu.Lock()
		defer mu.Unlock()
		box.mu.Lock()
		defer box.mu.Unlock()
		return len(heard) > 0 && len(box.taken) > 0
	}
	s.waitFor("a warning by mail and webhook", told)
	mu.Lock()
	if !strings.Contains(heard[0]["text"], "/quiet-oa") || !strings.HasSuffix(heard[0]["url"], "/warnings") {
		t.Errorf("heard %v", heard)
	}
	mu.Unlock()
	for path, want := range map[string]string{"/warnings?lang=en": "/quiet-oa", "/api/v1/warnings?rule=source_silent": `"state":"standing"`} {
		if status, body := s.get(path); status != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	s = startService(t, dir, "--handbook", book)
	s.waitFor("the rules gone through over the past", func() bool {
		_, body := s.get("/api/v1/warnings/rules")
		return strings.Contains(string(body), "made_at")
	})
	if mu.Lock(); len(heard) != 1 {
		t.Errorf("told %d times", len(heard))
	}
	mu.Unlock()
}
