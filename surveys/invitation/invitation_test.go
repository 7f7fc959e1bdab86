package invitation_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"example.com/officepulse/surveys/invitation"
)

func TestCodeIsReadBack(t *testing.T) {
	secret := invitation.NewSecret()
	rapid.Check(t, func(t *rapid.T) {
		made := invitation.New(
			rapid.SampledFrom([]invitation.Kind{invitation.Personal, invitation.Department}).Draw(t, "kind"),
			rapid.StringMatching(`[a-z0-9_.Q]{1,30}`).Draw(t, "wave"), rapid.StringMatching(`[a-z_\p{Han}]{1,30}`).Draw(t, "department"))
		read, err := invitation.Parse(made.Code(secret), secret)
		if err != nil {
			t.Fatal(err)
		}
		if *read != made || read.Hash() != made.Hash() {
			t.Fatalf("made %+v, read %+v", made, *read)
		}
	})
}

// No link can be made from another one.
func TestForgedCodes(t *testing.T) {
	secret := invitation.NewSecret()
	made := invitation.New(invitation.Personal, "2026Q3", "sales")
	code := made.Code(secret)
	if _, err := invitation.Parse(code, invitation.NewSecret()); !errors.Is(err, invitation.ErrForged) {
		t.Errorf("with another secret: %v", err)
	}
	for i := range code {
		for _, other := range "A_b." {
			changed := code[:i] + string(other) + code[i+1:]
			if changed == code {
				continue
			}
			if _, err := invitation.Parse(changed, secret); !errors.Is(err, invitation.ErrForged) {
				t.Fatalf("character %d changed to %c: %v", i, other, err)
			}
		}
	}
	for _, other := range []string{"", ".", code[:len(code)-1], code + "A", code + ".", "A" + code, code[:10]} {
		if _, err := invitation.Parse(other, secret); !errors.Is(err, invitation.ErrForged) {
			t.Errorf("%q: %v", other, err)
		}
	}
}

func TestTokensDiffer(t *testing.T) {
	seen := make(map[[32]byte]bool)
	for range 1000 {
		i := invitation.New(invitation.Personal, "w", "d")
		if seen[i.Hash()] {
			t.Fatal("two invitations are the same")
		}
		seen[i.Hash()] = true
	}
}

func TestAgain(t *testing.T) {
	secret, seed := invitation.NewSecret(), invitation.NewSeed()
	first := invitation.Again(secret, invitation.Personal, "2026Q3", "sales", seed)
	if again := invitation.Again(secret, invitation.Personal, "2026Q3", "sales", seed); again.Code(secret) != first.Code(secret) {
		t.Error("one seed makes two links")
	}
	other := invitation.Again(secret, invitation.Personal, "2026Q3", "sales", invitation.NewSeed())
	foreign := invitation.Again(invitation.NewSecret(), invitation.Personal, "2026Q3", "sales", seed)
	if other.Hash() == first.Hash() || foreign.Hash() == first.Hash() {
		t.Error("another seed or secret makes the same link")
	}
}

// A form's number holds for its own link only, and cannot be made up.
func FuzzNumber(f *testing.F) {
	secret := make(invitation.Secret, invitation.SecretSize)
	mine := invitation.Again(secret, invitation.Personal, "2026Q3", "sales", "seed")
	other := invitation.Again(secret, invitation.Personal, "2026Q3", "sales", "other seed")
	f.Add("number", mine.Ticket(secret, "number"))
	f.Add("a.b", mine.Ticket(secret, "a"))
	f.Add("", ".")
	f.Fuzz(func(t *testing.T, number, ticket string) {
		if read, ok := mine.Number(secret, ticket); ok && mine.Ticket(secret, read) != ticket {
			t.Errorf("%q is read as %q", ticket, read)
		}
		if _, ok := other.Number(secret, mine.Ticket(secret, number)); ok {
			t.Errorf("number %q of one link holds for another", number)
		}
	})
}

func FuzzParse(f *testing.F) {
	secret := make(invitation.Secret, invitation.SecretSize)
	i := invitation.New(invitation.Department, "2026Q3", "sales")
	f.Add(i.Code(secret))
	f.Add("a.b")
	f.Fuzz(func(t *testing.T, code string) {
		read, err := invitation.Parse(code, secret)
		if err == nil && read.Code(secret) != code {
			t.Errorf("%q is read as %+v", code, read)
		}
	})
}
