package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"

	"example.com/officepulse/analytics"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/importer"
)

// shared is the folder of reference logs that stands beside the project's
// root. OFFICEPULSE_SHARED names another.
func shared(tb testing.TB, name string) string {
	tb.Helper()
	dir := os.Getenv("OFFICEPULSE_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	path := filepath.Join(dir, "data", name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("the reference logs are not here: %v", err)
		}
		tb.Skipf("the reference logs are not here: %v", err)
	}
	return path
}

// figures are the reference figures of one log; see _conventions in their file.
type figures struct {
	Cases  uint64 `json:"cases"`
	Events uint64 `json:"events"`
	Lead   struct {
		N                           uint64
		Mean, Median, P75, P90, P95 float64
	} `json:"lead_time_s"`
	Quarters map[string]struct {
		N                 uint64
		Mean, Median, P90 float64
		ReworkCases       uint64 `json:"rework_cases"`
	} `json:"quarters"`
	Variants struct {
		Distinct uint64
		Top10    []struct {
			Count uint64
			Hash  string `json:"sha256_of_labels_joined_x1f"`
			Len   int    `json:"len"`
		} `json:"top10"`
	} `json:"variants"`
	Rework struct {
		Cases uint64
		Share float64
	} `json:"rework"`
	ByCount []transition `json:"df_top10_by_count"`
	ByTotal []transition `json:"df_top10_by_total_wait"`
	Pairs   uint64       `json:"df_pairs_distinct"`
}

type transition struct {
	From, To string
	Count    uint64
	Mean     float64 `json:"mean_wait_s"`
	Median   float64 `json:"median_wait_s"`
	P90      float64 `json:"p90_wait_s"`
	Total    float64 `json:"total_wait_s"`
}

func reference(tb testing.TB, log string) figures {
	tb.Helper()
	text, err := os.ReadFile(shared(tb, "reference-figures.json"))
	if err != nil {
		tb.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		tb.Fatal(err)
	}
	var f figures
	if err := json.Unmarshal(all[log], &f); err != nil {
		tb.Fatal(err)
	}
	return f
}

// logs are the reference logs and how each is imported.
var logs = []struct {
	name, file string
	args       []string
}{
	{"helpdesk_mendeley", "helpdesk_mendeley.csv", nil},
	{"uci498_incident_sample", "uci498_incident_sample.csv.gz", []string{"--map", "case_id=number,stage=incident_state,time=sys_updated_at,department=assignment_group"}},
	{"bpic2019_1t_per_variant", "bpic2019_1t_per_variant.xes.gz", nil},
}

func TestReferenceFigures(t *testing.T) {
	s := startService(t, t.TempDir())
	for _, log := range logs {
		t.Run(log.name, func(t *testing.T) {
			args := append([]string{"import", shared(t, log.file), "--process", log.name, "--assume-complete", "--json"}, log.args...)
			want := reference(t, log.name)
			for _, time := range []string{"first", "second"} { // a second import changes nothing
				var summary importer.Summary
				if err := json.Unmarshal([]byte(s.must(args...)), &summary); err != nil {
					t.Fatal(err)
				}
				if summary.Published != int64(want.Events) || summary.Refused != 0 {
					t.Errorf("%s import: published %d, refused %d, want %d and 0", time, summary.Published, summary.Refused, want.Events)
				}
				s.compare(t, log.name, want)
			}
		})
	}
}

// The same events straight into Kafka, in any order and partly twice, give the
// same figures: nothing depends on the way they came.
func TestShuffledIntoKafka(t *testing.T) {
	s := startService(t, t.TempDir())
	var st Status
	if err := json.Unmarshal([]byte(s.must("status", "--json")), &st); err != nil {
		t.Fatal(err)
	}
	w := &kafka.Writer{Addr: kafka.TCP(st.Kafka.Brokers...), Topic: string(event.TypeTask), RequiredAcks: kafka.RequireAll, Balancer: &kafka.RoundRobin{}, BatchTimeout: 5 * time.Millisecond, BatchSize: 1000}
	defer func() { _ = w.Close() }()
	random := rand.New(rand.NewPCG(1, 2))
	for _, log := range logs {
		t.Run(log.name, func(t *testing.T) {
			var messages []kafka.Message
			options := importer.Options{Process: log.name, AssumeComplete: true, Source: "/test", Now: time.Now(), Zone: time.UTC}
			if len(log.args) > 0 {
				var err error
				if options.Map, err = importer.ParseMap(log.args[1]); err != nil {
					t.Fatal(err)
				}
			}
			_, err := importer.Run(t.Context(), shared(t, log.file), options, func(_ context.Context, events []event.Event) error {
				for i := range events {
					value, err := events[i].Encode()
					if err != nil {
						return err
					}
					messages = append(messages, kafka.Message{Key: []byte(events[i].Key()), Value: value})
				}
				return nil
			}, func(int64, int64) {})
			if err != nil {
				t.Fatal(err)
			}
			messages = append(messages, messages[:len(messages)/10]...)
			random.Shuffle(len(messages), func(i, j int) { messages[i], messages[j] = messages[j], messages[i] })
			if err := w.WriteMessages(t.Context(), messages...); err != nil {
				t.Fatal(err)
			}
			c := &client{server: s.url, http: httpClient(), token: s.token()}
			if err := c.waitStored(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.compare(t, log.name, reference(t, log.name))
		})
	}
}

// near accepts the rounding of the reference file, three decimals of a second.
func near(got *float64, want float64) bool {
	return got != nil && math.Abs(*got-want) <= 0.0005+1e-9*math.Abs(want)
}

// compare checks every figure of the reference that the API gives.
func (s *service) compare(t *testing.T, process string, want figures) {
	t.Helper()
	ask := func(metric string, params ...string) answer {
		t.Helper()
		return s.metric(metric, append([]string{"from", "1940-01-01", "to", "2026-01-01", "timezone", "UTC", "process", process}, params...)...)
	}
	lead := ask("lead_time", "bucket", "none")
	all := lead.series(t, "all")[""]
	if all.N != want.Cases || !near(all.Mean, want.Lead.Mean) || !near(all.Median, want.Lead.Median) || !near(all.P75, want.Lead.P75) || !near(all.P90, want.Lead.P90) || !near(all.P95, want.Lead.P95) {
		t.Errorf("lead time: got %s, want %+v", text(all), want.Lead)
	}
	lead = ask("lead_time", "bucket", "quarter")
	rework := ask("rework_rate", "bucket", "quarter")
	quarters, reworked := lead.series(t, "all"), rework.series(t, "all")
	if len(quarters) != len(want.Quarters) {
		t.Errorf("%d quarters, want %d", len(quarters), len(want.Quarters))
	}
	for q, w := range want.Quarters {
		got := quarters[q]
		if got.N != w.N || !near(got.Mean, w.Mean) || !near(got.Median, w.Median) || !near(got.P90, w.P90) {
			t.Errorf("%s: lead time %s, want %+v", q, text(got), w)
		}
		if r := reworked[q]; r.Count == nil || *r.Count != w.ReworkCases || r.N != w.N {
			t.Errorf("%s: rework %s, want %d of %d", q, text(r), w.ReworkCases, w.N)
		}
	}
	rework = ask("rework_rate", "bucket", "none")
	if r := rework.series(t, "all")[""]; r.Count == nil || *r.Count != want.Rework.Cases || math.Abs(*r.Rate-want.Rework.Share) > 1e-6 {
		t.Errorf("rework: got %s, want %+v", text(r), want.Rework)
	}
	compareVariants(t, ask("variants", "limit", "1000"), want)
	compareTransitions(t, "by count", ask("transitions", "sort", "count", "limit", "1000"), want.ByCount, want.Pairs)
	compareTransitions(t, "by total", ask("transitions", "sort", "total", "limit", "1000"), want.ByTotal, want.Pairs)
}

func compareVariants(t *testing.T, got answer, want figures) {
	t.Helper()
	var rows []analytics.Variant
	if err := json.Unmarshal(got.Rows, &rows); err != nil {
		t.Fatal(err)
	}
	if n := min(want.Variants.Distinct, 1000); uint64(len(rows)) != n {
		t.Errorf("%d variants, want %d", len(rows), n)
	}
	counts := make(map[string]uint64)
	for i, r := range rows {
		sum := sha256.Sum256([]byte(strings.Join(r.Stages, "\x1f")))
		counts[hex.EncodeToString(sum[:])] = r.Count
		if i < len(want.Variants.Top10) && r.Count != want.Variants.Top10[i].Count {
			t.Errorf("variant %d has %d cases, want %d", i, r.Count, want.Variants.Top10[i].Count)
		}
	}
	for i, w := range want.Variants.Top10 {
		// Where every variant has one case, which of them are listed is not in the reference.
		if w.Count > 1 && counts[w.Hash] != w.Count {
			t.Errorf("variant %d: %d cases, want %d", i, counts[w.Hash], w.Count)
		}
	}
}

func compareTransitions(t *testing.T, order string, got answer, want []transition, pairs uint64) {
	t.Helper()
	var rows []analytics.Transition
	if err := json.Unmarshal(got.Rows, &rows); err != nil {
		t.Fatal(err)
	}
	if uint64(len(rows)) != pairs {
		t.Fatalf("transitions %s: %d pairs, want %d", order, len(rows), pairs)
	}
	for i, w := range want {
		g := rows[i]
		if g.From != w.From || g.To != w.To || g.Count != w.Count || !near(&g.Mean, w.Mean) || !near(&g.Median, w.Median) || !near(&g.P90, w.P90) || !near(&g.Total, w.Total) {
			t.Errorf("transitions %s, row %d: got %+v, want %+v", order, i, g, w)
		}
	}
}

func text(p analytics.Point) string {
	b, err := json.Marshal(p)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
