package dashboard

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.com/officepulse/analytics"
	"example.com/officepulse/dashboard/i18n"
)

// A key as templates and Go code write it; one that ends in a dot is completed
// by what follows it.
var usedKey = regexp.MustCompile(`(?:\.T|v\.claim|v\.card)\(?\s?\(?(?:printf )?"([a-z0-9_.%-]+)"`)

// TestNoMessageIsMissing finds every key in templates and code and looks it up;
// a key put together from parts has to have at least one message.
func TestNoMessageIsMissing(t *testing.T) {
	catalogue, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	words := catalogue.In(i18n.Chinese)
	found := 0
	for _, pattern := range []string{"*.go", "templates/*.html"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range usedKey.FindAllStringSubmatch(string(text), -1) {
				if !strings.Contains(m[1], ".") {
					continue // an id, not a key
				}
				found++
				if key := strings.TrimSuffix(m[1], "%s"); !known(catalogue, words, key) {
					t.Errorf("%s: no message for %q", file, m[1])
				}
			}
		}
	}
	if found < 60 {
		t.Errorf("found only %d keys; the search no longer sees them", found)
	}
}

func known(catalogue i18n.Catalogue, words i18n.Messages, key string) bool {
	if words.Has(key) {
		return true
	}
	for candidate := range catalogue[i18n.Chinese] {
		if strings.HasPrefix(candidate, strings.TrimSuffix(key, ".")+".") {
			return true
		}
	}
	return false
}

// TestEveryFamilyIsComplete checks the keys that code puts together.
func TestEveryFamilyIsComplete(t *testing.T) {
	catalogue, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	words := catalogue.In(i18n.Chinese)
	families := map[string][]string{
		"sentence.lead.": {"better", "worse", "same", "unclear", "alone"}, "sentence.errors.": {"better", "worse", "same", "unclear", "alone"},
		"sentence.satisfaction.": {"better", "worse", "same", "alone"},
		"verdict.":               {"better", "worse", "same", "unclear", "more", "fewer", "unknown"},
		"caption.verdict.":       {"better", "worse", "same", "unclear", "more", "fewer"},
		"error.illegible.":       {"escape", "semicolon", "number"},
		"clock.":                 {"working", "elapsed"}, "unit.hours_per_case.": {"working", "elapsed"},
		"quarter.ordinal.":   {"1", "2", "3", "4"},
		"error.bad_request.": {"what", "why"}, "error.failed.": {"what", "why"}, "error.not_found.": {"what", "why"}, "error.timeout.": {"what", "why"},
	}
	for _, m := range []string{"days_working", "days_elapsed", "percent", "score", "cases"} {
		families["measure."+m+"."] = []string{"unit", "difference", "size"}
	}
	for _, m := range analytics.Names() {
		families["metric."+m+"."] = []string{"name", "definition", "formula", "unit", "source"}
	}
	for _, card := range []string{"lead", "stages", "errors", "faults", "satisfaction", "departments"} {
		families["card."+card+"."] = []string{"title", "empty"}
	}
	for prefix, endings := range families {
		for _, ending := range endings {
			if !words.Has(prefix + ending) {
				t.Errorf("no message for %s%s", prefix, ending)
			}
		}
	}
}
