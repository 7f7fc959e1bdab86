package mail

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"example.com/officepulse/surveys/questionnaire"
)

// post is a real SMTP server on loopback, and what it was given.
type post struct {
	user, password string

	mu       sync.Mutex
	taken    []taken
	sessions int
}

type taken struct {
	to   string
	data []byte
	tls  bool
}

type session struct {
	post *post
	conn *smtp.Conn
	user string
	to   string
}

func (p *post) NewSession(c *smtp.Conn) (smtp.Session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sessions++
	return &session{post: p, conn: c}, nil
}

func (s *session) AuthMechanisms() []string {
	if s.post.password == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != s.post.user || password != s.post.password {
			return smtp.ErrAuthFailed
		}
		s.user = user
		return nil
	}), nil
}

func (s *session) Mail(string, *smtp.MailOptions) error {
	if s.post.password != "" && s.user == "" {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	switch {
	case strings.HasPrefix(to, "gone@"):
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	case strings.HasPrefix(to, "busy@"):
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "later, please"}
	case strings.HasPrefix(to, "cut@"):
		return s.conn.Conn().Close()
	}
	s.to = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	_, secured := s.conn.TLSConnectionState()
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	s.post.taken = append(s.post.taken, taken{s.to, data, secured})
	return nil
}

func (*session) Reset()        {}
func (*session) Logout() error { return nil }

// serve starts the server and returns its address and the roots to trust.
func (p *post) serve(t *testing.T, how Encryption) (address string, roots *tls.Config) {
	t.Helper()
	certificate, pool := certificate(t)
	server := smtp.NewServer(p)
	server.Domain, server.MaxRecipients, server.ReadTimeout = "localhost", 1, time.Minute
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	switch how {
	case StartTLS:
		server.TLSConfig = config
	case TLS:
		listener = tls.NewListener(listener, config)
	case None:
		server.AllowInsecureAuth = true
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return net.JoinHostPort("localhost", port), &tls.Config{RootCAs: pool, ServerName: "localhost", MinVersion: tls.VersionTLS12}
}

func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func letter(to string) Letter {
	return Letter{
		Kind: Invitation, To: to, Language: "zh", Title: questionnaire.Text{ZH: "办公室服务<满意度>调查", EN: "Satisfaction & services"},
		Link: "https://office.example.com/s/QWxsIHRoZSBiZXN0.c2lnbmVk?a=1&b=2", Closes: time.Date(2026, 9, 30, 18, 0, 0, 0, time.FixedZone("", 8*3600)), Anonymous: true,
	}
}

func sender(t *testing.T, c Config) *Sender {
	t.Helper()
	c.From, c.Timeout = "办公室 <office@example.com>", 10*time.Second
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSend(t *testing.T) {
	for _, how := range []Encryption{StartTLS, TLS, None} {
		t.Run(string(how), func(t *testing.T) {
			p := &post{}
			c := Config{Encryption: how}
			if how != None {
				p.user, p.password = "office", "secret word"
				c.User, c.Password = p.user, p.password
			}
			c.Address, c.Roots = p.serve(t, how)
			for i, err := range sender(t, c).Send(t.Context(), []Letter{letter("a@example.com"), letter("b@example.com")}) {
				if err != nil {
					t.Errorf("letter %d: %v", i, err)
				}
			}
			if len(p.taken) != 2 || p.sessions > 2 {
				t.Fatalf("the server took %d letters over %d connections, want 2 over one", len(p.taken), p.sessions)
			}
			if p.taken[0].tls != (how != None) {
				t.Errorf("over TLS: %v", p.taken[0].tls)
			}
			if p.taken[0].to != "a@example.com" || p.taken[1].to != "b@example.com" {
				t.Errorf("went to %s and %s", p.taken[0].to, p.taken[1].to)
			}
		})
	}
}

// What arrives is read with the standard library's mail reader.
func TestLetter(t *testing.T) {
	p := &post{}
	address, _ := p.serve(t, None)
	l := letter("a@example.com")
	l.Kind, l.Title.EN = Reminder, "Satisfaction\r\nBcc: eve@example.com"
	if err := sender(t, Config{Address: address, Encryption: None}).Send(t.Context(), []Letter{l})[0]; err != nil {
		t.Fatal(err)
	}
	m, err := netmail.ReadMessage(bytes.NewReader(p.taken[0].data))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "提醒：办公室服务<满意度>调查 · Reminder: Satisfaction Bcc: eve@example.com" {
		t.Errorf("subject %q, %v", subject, err)
	}
	if m.Header.Get("Bcc") != "" || m.Header.Get("Auto-Submitted") != "auto-generated" || m.Header.Get("Message-Id") == "" {
		t.Errorf("header %v", m.Header)
	}
	media, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || media != "multipart/alternative" {
		t.Fatalf("content type %q, %v", media, err)
	}
	parts := make(map[string]string)
	for reader := multipart.NewReader(m.Body, parameters["boundary"]); ; {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
		parts[kind] = string(body)
	}
	for _, want := range []string{"截止时间：2026年9月30日18:00", "closes on 2026-09-30 18:00", "不记名", "anonymous", l.Link} {
		if !strings.Contains(parts["text/plain"], want) {
			t.Errorf("the text lacks %q:\n%s", want, parts["text/plain"])
		}
	}
	for _, want := range []string{"&lt;满意度&gt;", `href="https://office.example.com/s/QWxsIHRoZSBiZXN0.c2lnbmVk?a=1&amp;b=2"`, "打开问卷", "Open the form"} {
		if !strings.Contains(parts["text/html"], want) {
			t.Errorf("the page lacks %q:\n%s", want, parts["text/html"])
		}
	}
	if zh, en := strings.Index(parts["text/plain"], "您好"), strings.Index(parts["text/plain"], "Hello"); zh > en {
		t.Error("the reader's language comes second")
	}
}

// One recipient that the server does not know, one it has no time for and one
// during whom it goes away: the others get their letters.
func TestSendPartly(t *testing.T) {
	p := &post{}
	address, _ := p.serve(t, None)
	to := []string{"a@example.com", "gone@example.com", "busy@example.com", "no address", "cut@example.com", "b@example.com"}
	letters := make([]Letter, len(to))
	for i, address := range to {
		letters[i] = letter(address)
	}
	outcome := sender(t, Config{Address: address, Encryption: None}).Send(t.Context(), letters)
	for i, bad := range []bool{false, true, true, true, true, false} {
		if (outcome[i] != nil) != bad {
			t.Errorf("%s: %v", to[i], outcome[i])
		}
	}
	if Transient(outcome[1]) || !Transient(outcome[2]) || !Transient(outcome[4]) || Transient(nil) {
		t.Errorf("to be tried again: %v %v %v", Transient(outcome[1]), Transient(outcome[2]), Transient(outcome[4]))
	}
	if len(p.taken) != 2 {
		t.Errorf("the server took %d letters, want 2", len(p.taken))
	}
}

func TestSendRefused(t *testing.T) {
	p := &post{user: "office", password: "right"}
	address, roots := p.serve(t, StartTLS)
	f := func(name string, c Config) {
		t.Helper()
		c.Address = address
		if err := sender(t, c).Send(t.Context(), []Letter{letter("a@example.com")})[0]; err == nil {
			t.Errorf("%s: the letter was taken", name)
		} else if strings.Contains(err.Error(), "wrong password") {
			t.Errorf("%s: the error repeats the password: %v", name, err)
		}
	}
	f("wrong password", Config{User: "office", Password: "wrong password", Roots: roots})
	f("no password", Config{Roots: roots})
	f("unknown certificate", Config{User: "office", Password: "right"})
	plain, _ := (&post{}).serve(t, None)
	address = plain
	f("a server without STARTTLS", Config{Roots: roots})
	if len(p.taken) > 0 {
		t.Errorf("the server took %d letters", len(p.taken))
	}
	if _, err := New(Config{Address: address, From: "a@example.com", User: "u", Password: "p", Encryption: None}); !errors.Is(err, ErrUnsafe) {
		t.Errorf("a password in the clear: %v", err)
	}
	if _, err := New(Config{Address: "nowhere", From: "a@example.com"}); err == nil {
		t.Error("an address without port was taken")
	}
	if _, err := New(Config{Address: address, From: "nobody"}); err == nil {
		t.Error("a sender without address was taken")
	}
}
