package dashboard

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPreview(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := Preview(in, 10); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	f("", "")
	f("办公室", "办公室")
	f("a\nb\tc", "a b c")
	f("\x00\xff", `\x00\xff`)
	f("a\u202eb", `a\u202eb`)
	f("0123456789", "0123456789")
	f("0123456789x", "0123456789…")
}

func TestLaidOut(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := laidOut(in); got != want {
			t.Errorf("%.40q: got %.80q, want %.80q", in, got, want)
		}
	}
	f(`{"a":1.50,"b":"<é>"}`, "{\n  \"a\": 1.50,\n  \"b\": \"<é>\"\n}")
	f("no JSON", "no JSON")
	f("{\"a\":\n1}", "{\"a\":\n1}")
	deep := strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	f(deep, deep)
}

func FuzzBytes(f *testing.F) {
	for _, seed := range []string{"", "text", "\xff\x00", `{"base64":"AA=="}`, "\u2028 </script>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		text, err := json.Marshal(Bytes(in))
		if err != nil {
			t.Fatal(err)
		}
		var out Bytes
		if err := json.Unmarshal(text, &out); err != nil || string(out) != in {
			t.Errorf("%q came back as %q: %v", in, out, err)
		}
		if p := Preview(in, 50); !utf8.ValidString(p) || strings.ContainsAny(p, "\x00\x1b\n\r") {
			t.Errorf("preview %q", p)
		}
		shown, _, _ := show(in)
		if !utf8.ValidString(shown) {
			t.Errorf("shown %q", shown)
		}
	})
}
