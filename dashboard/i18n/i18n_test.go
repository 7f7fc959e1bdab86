package i18n_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/dashboard/i18n"
)

var placeholder = regexp.MustCompile(`\{[a-z0-9_]+\}`)

// TestLanguagesAgree compares keys and placeholders through what is public: a
// message filled with nothing shows its placeholders.
func TestLanguagesAgree(t *testing.T) {
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	zh, en := c[i18n.Chinese], c[i18n.English]
	if len(zh) == 0 {
		t.Fatal("no messages")
	}
	for key := range zh {
		if _, ok := en[key]; !ok {
			t.Errorf("%s is missing in English", key)
		}
	}
	for key, text := range en {
		if text == "" || zh[key] == "" {
			t.Errorf("%s is empty or missing in a language", key)
			continue
		}
		if d := cmp.Diff(placeholders(zh[key]), placeholders(text)); d != "" {
			t.Errorf("placeholders of %s differ (-zh +en):\n%s", key, d)
		}
	}
}

func placeholders(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestMessages(t *testing.T) {
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	en := c.In(i18n.English)
	if got, want := en.T("footer.timezone", "timezone", "Asia/Shanghai"), "Time zone Asia/Shanghai"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := en.T("footer.timezone", "timezone", "{version}"), "Time zone {version}"; got != want {
		t.Errorf("a value was filled in itself: got %q, want %q", got, want)
	}
	if got := en.T("no.such.key"); got != "no.such.key" {
		t.Errorf("unknown key: got %q", got)
	}
	if en.T("footer.timezone", "timezone") == "" {
		t.Error("a pair without value lost the message")
	}
}

func TestAccepted(t *testing.T) {
	f := func(header string, want i18n.Language) {
		t.Helper()
		if got := i18n.Accepted(header); got != want {
			t.Errorf("%q: got %s, want %s", header, got, want)
		}
	}
	f("", i18n.Chinese)
	f("zh-CN,zh;q=0.9,en;q=0.8", i18n.Chinese)
	f("zh-TW", i18n.Chinese)
	f("en-GB,en;q=0.9", i18n.English)
	f("en;q=0.3, zh;q=0.9", i18n.Chinese)
	f("fr, en;q=0.5", i18n.English)
	f("fr", i18n.Chinese)
	f("\x00;;;", i18n.Chinese)
}
