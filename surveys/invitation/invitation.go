// Package invitation makes the links through which people come to a survey, and
// reads them: a wave and a department go in, a link that nobody can guess or alter
// comes out. Of a link only a hash is kept.
package invitation

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// ErrForged is returned for a link that was not made here, or was altered.
var ErrForged = errors.New("this link was not made by this service, or a part of it is missing")

// Kind tells links apart.
type Kind string

// The kinds.
const (
	Personal   Kind = "p" // for one person and one answer
	Department Kind = "d" // for all of a department: cannot hold people to one answer
)

// Invitation is what a link says. It does so by itself, so that a form can open
// while the database is away.
type Invitation struct {
	Kind       Kind
	Wave       string // key
	Department string // key
	token      [tokenSize]byte
}

const (
	tokenSize     = 16 // 128 bits: not to be guessed
	signatureSize = 16 // 128 bits of HMAC-SHA-256
	version       = "1"
)

// Secret signs links. Who has it can make links; the links made with another are forged.
type Secret []byte

// SecretSize is how many random bytes a secret needs.
const SecretSize = 32

// NewSecret makes a secret.
func NewSecret() Secret {
	s := make(Secret, SecretSize)
	_, _ = rand.Read(s) // never fails since Go 1.24
	return s
}

// New makes an invitation with a token of its own. The keys must not be empty,
// nor contain a control character.
func New(kind Kind, wave, department string) Invitation {
	i := Invitation{Kind: kind, Wave: wave, Department: department}
	_, _ = rand.Read(i.token[:])
	return i
}

// Again makes the invitation of a seed, the same every time: so a reminder carries
// the link that the first message had, although nobody has kept it. Without the
// secret a seed leads to no link. Seeds are made by [NewSeed].
func Again(secret Secret, kind Kind, wave, department, seed string) Invitation {
	i := Invitation{Kind: kind, Wave: wave, Department: department}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("officepulse token\x00" + seed))
	copy(i.token[:], mac.Sum(nil))
	return i
}

// NewSeed makes a seed for [Again].
func NewSeed() string { return rand.Text() }

// Code is the part of a link that carries the invitation, safe in a URL's path.
func (i *Invitation) Code(secret Secret) string {
	body := i.body()
	return encode(body) + "." + encode(sign(secret, body))
}

func (i *Invitation) body() []byte {
	return append(i.token[:], strings.Join([]string{version, string(i.Kind), i.Wave, i.Department}, "\x00")...)
}

// Parse reads a code. The error matches [ErrForged].
func Parse(code string, secret Secret) (*Invitation, error) {
	text, signature, _ := strings.Cut(code, ".")
	body, err := decode(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForged, err)
	}
	given, err := decode(signature)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForged, err)
	}
	if !hmac.Equal(given, sign(secret, body)) || len(body) < tokenSize {
		return nil, ErrForged
	}
	parts := strings.Split(string(body[tokenSize:]), "\x00")
	if len(parts) != 4 || parts[0] != version {
		return nil, ErrForged
	}
	i := &Invitation{Kind: Kind(parts[1]), Wave: parts[2], Department: parts[3]}
	copy(i.token[:], body)
	return i, nil
}

// Hash is what is kept of an invitation. It leads back neither to the link nor,
// without the link, to anything that was done with it.
func (i *Invitation) Hash() [sha256.Size]byte {
	return sha256.Sum256(append([]byte("officepulse invitation\x00"), i.token[:]...))
}

// AnswerID is under which the answer of a personal link to a named wave is kept,
// the same every time, so that a later answer takes the place of an earlier one.
// Never use it for an anonymous wave: who has the secret finds the link by it.
func (i *Invitation) AnswerID(secret Secret) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("officepulse named answer\x00"))
	mac.Write(i.token[:])
	return encode(mac.Sum(nil)[:tokenSize])
}

// Ticket proves that the number of a form was given out by this service for this
// link, so that nobody can write over somebody else's answer. It is kept nowhere.
func (i *Invitation) Ticket(secret Secret, number string) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("officepulse form\x00" + number + "\x00"))
	mac.Write(i.body())
	return number + "." + encode(mac.Sum(nil)[:signatureSize])
}

// Number reads the number in a ticket of this link, and whether it is one.
func (i *Invitation) Number(secret Secret, ticket string) (string, bool) {
	number, _, _ := strings.Cut(ticket, ".")
	return number, number != "" && len(number) <= 64 && hmac.Equal([]byte(ticket), []byte(i.Ticket(secret, number)))
}

func sign(secret Secret, body []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("officepulse invitation\x00"))
	mac.Write(body)
	return mac.Sum(nil)[:signatureSize]
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// decode reads what encode wrote and nothing else: one link, one text.
func decode(text string) ([]byte, error) {
	return base64.RawURLEncoding.Strict().DecodeString(text)
}
