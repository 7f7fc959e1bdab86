package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"example.com/officepulse/dashboard"
	"example.com/officepulse/ingest/delivery"
)

func TestAuditFault(t *testing.T) {
	f := func(name string, sums dashboard.Sums, underWay int64, want string) {
		t.Helper()
		err := auditFault(&dashboard.AuditReport{Audit: delivery.Audit{Letters: underWay}, Sums: sums}, 30*time.Second)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
	f("even", dashboard.Sums{Stored: 9, DeadLettered: 1}, 0, "")
	f("even, letters under way", dashboard.Sums{Stored: 9}, 3, "")
	f("missing", dashboard.Sums{Stored: 7, DeadLettered: 1, Missing: 2}, 0, "2 of 10 committed messages are missing")
	f("not settled", dashboard.Sums{Stored: 8, Missing: 2}, 3, "3 dead letters are still on their way after 30s")
	f("duplicated", dashboard.Sums{Stored: 8, DuplicatedVisibly: 4}, 0, "figures count 4 copies")
}

// An account that is not even is a table and an error, never "lost 0".
func TestPrintAudit(t *testing.T) {
	var results, messages bytes.Buffer
	r := dashboard.AuditReport{
		Audit:    delivery.Audit{ReusedIDs: 2, Partitions: []delivery.Partition{{Topic: "t", Partition: 3, End: 12, Committed: 10, Lag: 2, Stored: 9, Missing: 1, LateShare: 0.25}}},
		Sums:     dashboard.Sums{Lag: 2, Stored: 9, Missing: 1},
		Troubles: []delivery.Trouble{{Topic: "t", Partition: 3, Step: "insert", Attempts: 5, Blocked: true, Reason: "disk full"}},
	}
	if err := printAudit(&results, &messages, &r); err != nil {
		t.Fatal(err)
	}
	if got := results.String(); !strings.Contains(got, "t/3") || !strings.Contains(got, "25.0%") || !strings.Contains(got, "2 messages wait") || strings.Contains(got, "lost 0") {
		t.Errorf("results:\n%s", got)
	}
	for _, want := range []string{"insert of t/3 fails", "waits for somebody to act: disk full", "2 events have the id of another"} {
		if !strings.Contains(messages.String(), want) {
			t.Errorf("%q is not among the messages:\n%s", want, &messages)
		}
	}
}

func TestStatusNamesTroubles(t *testing.T) {
	var out bytes.Buffer
	s := Status{Troubles: []delivery.Trouble{
		{Partition: -1, Step: "join", Attempts: 2, Reason: "no broker"}, {Topic: "t", Step: "insert", Blocked: true, Reason: "disk full"},
	}, Faults: []string{"what waits for somebody"}}
	if err := s.print(&out); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.Contains(got, "join of all partitions fails") || !strings.Contains(got, "is tried again: no broker") || strings.Contains(got, "disk full") || !strings.Contains(got, "what waits for somebody") {
		t.Errorf("got\n%s", got)
	}
}
