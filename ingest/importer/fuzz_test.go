package importer

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"example.com/officepulse/ingest/event"
)

// fuzzFile imports bytes: no panic, every event valid and with an id of its own,
// and every record either published or refused.
func fuzzFile(t *testing.T, format string, data []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	opts := Options{Format: format, Process: "p", Now: testNow, Limits: Limits{Line: 300, Unpacked: 1 << 20}}
	summary, err := Run(t.Context(), path, opts, func(_ context.Context, batch []event.Event) error {
		for _, e := range batch {
			if err := e.Validate(testNow); err != nil {
				t.Errorf("published an event that is none: %v", err)
			}
			if seen[e.ID] {
				t.Errorf("the id %s is there twice", e.ID)
			}
			seen[e.ID] = true
		}
		return nil
	}, nil)
	if summary.Published+summary.Refused != summary.Read {
		t.Errorf("published %d + refused %d is not read %d (%v)", summary.Published, summary.Refused, summary.Read, err)
	}
	if errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{
		header + "1,a,2026-01-02 10:00\n1,a,2026-01-02 10:00\n", header + "1,\"a\nb\",2026-01-02\n2,\"x,y\n3,c,02-01-2026 10:00\n",
		"sep=;\r\ncase_id;stage;time\r\n1;\"a\"\"b\";2026年1月2日 15:04\r\n", "case_id\tstage\ttime\n1\ta\xff\t2026-01-02\n", "\xef\xbb\xbf" + header,
		"\xc9\xf3\xc5\xfa\xb1\xe0\xba\xc5,stage,time\n\xb2\xc9,a,2026-01-02\n", "\x1f\x8b\x08", "\n\n" + header + "\"",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { fuzzFile(t, "csv", data) })
}

func FuzzXES(f *testing.F) {
	for _, s := range []string{
		xes(xesEvent("a", "2026-01-02T10:00:00Z", "") + xesEvent("a", "2026-01-02T10:00:00Z", "")), xes("<event/>"), xes("<event>"),
		`<?xml version="1.0" encoding="GBK"?><log><trace><event></event></trace></log>`, `<log><event><trace/></event></log>`, "<log></log><log>",
		`<?xml version="1.0" encoding="utf-16"?><log/>`, "<!DOCTYPE log><log/>", "<log><![CDATA[x]]><!-- --></log>",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { fuzzFile(t, "xes", data) })
}
