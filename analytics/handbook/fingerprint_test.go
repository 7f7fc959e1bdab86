package handbook_test

import (
	"strings"
	"testing"

	"example.com/officepulse/analytics/handbook"
)

func TestFingerprintChangesWithAPromiseOnly(t *testing.T) {
	read := func(text string) string {
		t.Helper()
		hb, err := handbook.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return hb.History().Fingerprint()
	}
	of := read(valid)
	if len(of) != 8 {
		t.Errorf("fingerprint %q has not 8 digits", of)
	}
	if got := read("# a remark\n" + valid); got != of {
		t.Errorf("a comment changed the fingerprint from %s to %s", of, got)
	}
	if got := read(strings.Replace(valid, "headcount: 3", "headcount: 4", 1)); got == of {
		t.Error("another headcount left the fingerprint as it was")
	}
	if first, second := handbook.Default(), handbook.Default(); first.History().Fingerprint() != second.History().Fingerprint() {
		t.Error("the same handbook, read twice, has two fingerprints")
	}
}
