// Package mail brings invitations to people: letters go in, e-mails with text and
// HTML in both languages go out to an SMTP server.
package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Encryption is how a connection to the server is kept from being read.
type Encryption string

// The ways. A password is never sent without one of the first two.
const (
	StartTLS Encryption = "starttls" // plain at first, then TLS, or no mail at all
	TLS      Encryption = "tls"      // from the first byte
	None     Encryption = "none"     // for a relay on this machine or in a closed network
)

// Config says which server takes the mail.
type Config struct {
	Address    string     // host:port
	Encryption Encryption // "" is [StartTLS]
	User       string     // empty: the server asks for none
	Password   string     //
	From       string     // address, with or without a name: 办公室 <office@example.com>
	Timeout    time.Duration
	Roots      *tls.Config // of tests; nil: the system's
}

// DefaultTimeout is how long a server may take for one step.
const DefaultTimeout = 20 * time.Second

// ErrUnsafe is returned for a configuration that would send a password in the clear.
var ErrUnsafe = errors.New("a password goes over TLS only: choose starttls or tls")

// Sender sends letters through one server.
type Sender struct {
	config Config
	client *gomail.Client
	words  *words
}

// New checks the configuration; it does not connect.
func New(c Config) (*Sender, error) {
	if c.Password != "" && c.Encryption == None {
		return nil, ErrUnsafe
	}
	host, port, err := net.SplitHostPort(c.Address)
	if err != nil {
		return nil, fmt.Errorf("the mail server %q is no host:port: %w", c.Address, err)
	}
	if err := gomail.NewMsg().From(c.From); err != nil {
		return nil, fmt.Errorf("the sender %q is no address: %w", c.From, err)
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("the mail server's port %q is no number up to 65535", port)
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	client, err := gomail.NewClient(host, append(c.options(), gomail.WithPort(int(number)))...)
	if err != nil {
		return nil, fmt.Errorf("the mail server: %w", err)
	}
	w, err := loadWords()
	if err != nil {
		return nil, err
	}
	return &Sender{config: c, client: client, words: w}, nil
}

func (c Config) options() []gomail.Option {
	options := []gomail.Option{gomail.WithTimeout(c.Timeout), gomail.WithoutNoop()}
	switch c.Encryption {
	case TLS:
		options = append(options, gomail.WithSSL())
	case None:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if c.Roots != nil {
		options = append(options, gomail.WithTLSConfig(c.Roots))
	}
	if c.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(c.User), gomail.WithPassword(c.Password))
	}
	return options
}

// Send brings the letters to the server over one connection, and says of each
// what became of it, in their order: nil when the server has taken it. A refused
// recipient does not keep the others from getting theirs; without a connection
// every letter has the same error.
func (s *Sender) Send(ctx context.Context, letters []Letter) []error {
	outcome := make([]error, len(letters))
	for i := 0; i < len(letters); {
		sent, err := s.session(ctx, letters[i:], outcome[i:])
		i += sent
		if err == nil {
			continue
		}
		if sent == 0 { // not even one: another connection would not help
			for ; i < len(letters); i++ {
				outcome[i] = err
			}
		}
	}
	return outcome
}

// session sends letters until all are dealt with or the connection is gone. It
// returns how many were dealt with.
func (s *Sender) session(ctx context.Context, letters []Letter, outcome []error) (sent int, err error) {
	if err := s.client.DialWithContext(ctx); err != nil {
		return 0, fmt.Errorf("connect to the mail server: %w", err)
	}
	defer func() { _ = s.client.Close() }() // the server has what it has acknowledged
	for i := range letters {
		if ctx.Err() != nil {
			return i, ctx.Err()
		}
		message, err := s.message(&letters[i])
		if err != nil {
			outcome[i] = err
			continue
		}
		err = s.client.Send(message)
		if err == nil {
			continue
		}
		outcome[i] = fmt.Errorf("hand a letter to the mail server: %w", err)
		if refused, ok := errors.AsType[*gomail.SendError](err); !ok || refused.ErrorCode() == 0 {
			return i + 1, err // no answer of the server: the connection may be gone
		}
	}
	return len(letters), nil
}

// Transient reports whether the server may take the letter later.
func Transient(err error) bool {
	refused, ok := errors.AsType[*gomail.SendError](err)
	return err != nil && (!ok || refused.IsTemp() || refused.ErrorCode() == 0)
}

func (s *Sender) message(l *Letter) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := m.From(s.config.From); err != nil {
		return nil, fmt.Errorf("the sender of a letter: %w", err)
	}
	if err := m.To(l.To); err != nil {
		return nil, fmt.Errorf("the recipient of a letter is no address: %w", err)
	}
	subject, text, html, err := s.words.say(l)
	if err != nil {
		return nil, err
	}
	m.Subject(subject)
	m.SetMessageID()
	m.SetDate()
	m.SetGenHeader("Auto-Submitted", "auto-generated") // so that absence notes stay away (RFC 3834)
	m.SetBodyString(gomail.TypeTextPlain, text)
	m.AddAlternativeString(gomail.TypeTextHTML, html)
	return m, nil
}

// Note is a plain text for one person, that asks for nothing.
type Note struct{ To, Subject, Text string }

// ErrNotSent is matched by errors that say that the server has not taken a note
// for sure.
var ErrNotSent = errors.New("the mail server has not taken it")

// SendNote brings a note to the server. Of an error that does not match
// [ErrNotSent] nobody knows whether the note was taken.
func (s *Sender) SendNote(ctx context.Context, n Note) error {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := m.From(s.config.From); err != nil {
		return fmt.Errorf("%w: the sender of a note: %w", ErrNotSent, err)
	}
	if err := m.To(n.To); err != nil {
		return fmt.Errorf("%w: the recipient of a note is no address: %w", ErrNotSent, err)
	}
	m.Subject(oneLine(n.Subject))
	m.SetMessageID()
	m.SetDate()
	m.SetGenHeader("Auto-Submitted", "auto-generated") // so that absence notes stay away (RFC 3834)
	m.SetBodyString(gomail.TypeTextPlain, n.Text)
	if err := s.client.DialWithContext(ctx); err != nil {
		return fmt.Errorf("%w: connect to the mail server: %w", ErrNotSent, err)
	}
	defer func() { _ = s.client.Close() }() // the server has what it has acknowledged
	err := s.client.Send(m)
	if refused, ok := errors.AsType[*gomail.SendError](err); ok && refused.ErrorCode() != 0 {
		return fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	return err
}

// CheckAddress reports whether a text is an address that mail can go to.
func CheckAddress(text string) error { return gomail.NewMsg().To(text) }
