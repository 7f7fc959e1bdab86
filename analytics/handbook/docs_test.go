package handbook_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
)

// The examples of docs/handbook.md, put together, are a handbook.
func TestDocumentedExamplesHold(t *testing.T) {
	text, err := os.ReadFile("../../docs/handbook.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := func(language string) []string {
		var all []string
		for _, part := range strings.Split(string(text), "```"+language+"\n")[1:] {
			example, _, _ := strings.Cut(part, "```")
			all = append(all, example)
		}
		return all
	}
	blocks, years := examples("yaml"), examples("json")
	if len(blocks) != 4 || len(years) != 1 {
		t.Fatalf("%d YAML and %d JSON examples: keys, version, limit, calendar and a year file were expected", len(blocks), len(years))
	}
	keys, version, limit, days := blocks[0], blocks[1], blocks[2], blocks[3]
	whole := strings.Replace(keys, "\nfault_kinds:", limit+"\nfault_kinds:", 1) + days + version
	history, err := handbook.ParseHistory([]byte(whole), fstest.MapFS{"2027.json": {Data: []byte(years[0])}})
	if err != nil {
		t.Fatalf("%v in\n%s", err, whole)
	}
	if got := history.Latest(); got.Version != "2026-04" || got.LimitCount() != 2 || len(got.Departments) != 1 {
		t.Errorf("the latest version is %q with %d limits and %d departments", got.Version, got.LimitCount(), len(got.Departments))
	}
	cal, err := history.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	if y := cal.Years(2026, 2027); y[0].Company != 5+1+10 || y[1].Source != calendar.SourceYearFile {
		t.Errorf("the years are %+v", y)
	}
}
