package form_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"example.com/officepulse/deploy/embedded/enginetest"
	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/warehouse"
	"example.com/officepulse/surveys/form"
	"example.com/officepulse/surveys/invitation"
	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/store"
	"example.com/officepulse/surveys/wave"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// office is the form with everything behind it: a broker, a sink, a database.
type office struct {
	tb     testing.TB
	url    string
	dir    string // of the store
	waves  *store.Store
	forms  atomic.Pointer[gin.Engine]
	conn   driver.Conn
	secret invitation.Secret
	gate   *gate

	mu  sync.Mutex
	now time.Time // zero: the clock's
}

// gate is a publisher that can be shut, as a broker that does not answer.
type gate struct {
	*ingest.Publisher

	mu   sync.Mutex
	shut bool
}

func (g *gate) Publish(ctx context.Context, messages []ingest.Message) error {
	g.mu.Lock()
	shut := g.shut
	g.mu.Unlock()
	if shut {
		return ingest.ErrUnavailable
	}
	return g.Publisher.Publish(ctx, messages)
}

func (g *gate) set(shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = shut
}

var zone = time.FixedZone("Asia/Shanghai", 8*3600)

func newOffice(tb testing.TB) *office {
	tb.Helper()
	gin.SetMode(gin.TestMode)
	log := slog.New(slog.DiscardHandler)
	brokers := []string{enginetest.Kafka(tb)}
	if err := ingest.EnsureTopics(tb.Context(), brokers, 1); err != nil {
		tb.Fatal(err)
	}
	conn, err := warehouse.Open(tb.Context(), enginetest.Database(tb))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	if err := warehouse.Migrate(tb.Context(), conn); err != nil {
		tb.Fatal(err)
	}
	o := &office{tb: tb, conn: conn, secret: invitation.NewSecret(), gate: &gate{Publisher: ingest.NewPublisher(brokers, log)}}
	tb.Cleanup(func() { _ = o.gate.Close() })
	o.dir = tb.TempDir()
	o.sink(brokers, log)
	o.reopen()
	return o
}

// reopen begins a process anew on what the last one has left.
func (o *office) reopen() {
	o.tb.Helper()
	waves, err := store.Open(o.tb.Context(), o.dir, o.conn, slog.New(slog.DiscardHandler))
	if err != nil {
		o.tb.Fatal(err)
	}
	o.waves = waves
	o.serve(waves)
}

// serve answers requests with another store behind the forms.
func (o *office) serve(waves form.Waves) {
	o.tb.Helper()
	r := gin.New()
	err := form.Routes(r, form.Dependencies{Waves: waves, Publisher: o.gate, Secret: o.secret, Zone: zone, Logger: slog.New(slog.DiscardHandler), Now: o.clock})
	if err != nil {
		o.tb.Fatal(err)
	}
	o.forms.Store(r)
	if o.url == "" {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { o.forms.Load().ServeHTTP(w, r) }))
		o.tb.Cleanup(server.Close)
		o.url = server.URL
	}
}

// sink stores answers, as the service does.
func (o *office) sink(brokers []string, log *slog.Logger) {
	config := ingest.DefaultSinkConfig()
	config.Brokers = brokers
	sink := ingest.NewSink(config, warehouse.NewWriter(o.conn), prometheus.NewRegistry(), log)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- sink.Run(ctx) }()
	o.tb.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			o.tb.Error(err)
		}
	})
}

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.now.IsZero() {
		return time.Now()
	}
	return o.now
}

func (o *office) at(now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = now
}

var departments = []wave.Department{
	{Key: "sales", Name: questionnaire.Text{ZH: "销售部", EN: "Sales"}, Headcount: 210},
	{Key: "legal", Name: questionnaire.Text{ZH: "法务合规部", EN: "Legal"}, Headcount: 15},
}

func by() wave.By { return wave.By{Author: "director", Reason: "test", At: time.Now()} }

func (o *office) save(w *wave.Wave, err error) *wave.Wave {
	o.tb.Helper()
	if err == nil {
		err = o.waves.Save(o.tb.Context(), w)
	}
	if err != nil {
		o.tb.Fatal(err)
	}
	return w
}

// every is a questionnaire with every type of question and of condition.
func every(tb testing.TB) *questionnaire.Questionnaire {
	tb.Helper()
	data, err := os.ReadFile("../questionnaire/testdata/every.json")
	if err != nil {
		tb.Fatal(err)
	}
	q, err := questionnaire.Parse(data)
	if err != nil {
		tb.Fatal(err)
	}
	return q
}

func template(tb testing.TB) *questionnaire.Questionnaire {
	tb.Helper()
	q, err := questionnaire.Template()
	if err != nil {
		tb.Fatal(err)
	}
	return q
}

// open asks a questionnaire in a wave that is open for an hour.
func (o *office) open(key string, q *questionnaire.Questionnaire, anonymous bool) *wave.Wave {
	o.tb.Helper()
	if _, ok := o.waves.Questionnaire(wave.VersionOf(q)); !ok {
		if err := o.waves.AddQuestionnaire(o.tb.Context(), q, by()); err != nil {
			o.tb.Fatal(err)
		}
	}
	w := o.save(wave.New(&wave.Wave{
		Key: key, Quarter: wave.Quarter{Year: 2026, Number: 4}, Title: questionnaire.Text{ZH: "第四季度满意度调查", EN: "Satisfaction of the fourth quarter"},
		Questionnaire: wave.VersionOf(q), Opens: time.Now().Add(-time.Minute), Closes: time.Now().Add(time.Hour),
		Departments: []wave.Department{{Key: "sales"}, {Key: "legal"}}, Anonymous: anonymous,
	}, by()))
	return o.save(w.Opened(departments, by()))
}

// link makes the address of a form.
func (o *office) link(kind invitation.Kind, w *wave.Wave, department string) string {
	i := invitation.New(kind, w.Key, department)
	return o.url + form.Path(i.Code(o.secret))
}

// get returns the status and the page of an address.
func (o *office) get(address string) (int, string) {
	o.tb.Helper()
	return o.do(http.MethodGet, address, "")
}

func (o *office) do(method, address, body string) (int, string) {
	o.tb.Helper()
	req, err := http.NewRequestWithContext(o.tb.Context(), method, address, strings.NewReader(body))
	if err != nil {
		o.tb.Fatal(err)
	}
	req.Header.Set("Accept-Language", "en")
	if body != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		o.tb.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		o.tb.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

var ticketInPage = regexp.MustCompile(`name="_ticket" value="([^"]+)"`)

// ticket opens a form and reads its ticket.
func (o *office) ticket(address string) string {
	o.tb.Helper()
	status, text := o.get(address)
	m := ticketInPage.FindStringSubmatch(text)
	if status != http.StatusOK || m == nil {
		o.tb.Fatalf("no form at %s: %d\n%.500s", address, status, text)
	}
	return m[1]
}

// send fills in a form and sends it.
func (o *office) send(address, ticket string, values url.Values) (int, string) {
	o.tb.Helper()
	all := maps.Clone(values)
	all.Set("_ticket", ticket)
	return o.do(http.MethodPost, address, all.Encode())
}

// fine is a filled-in template.
func fine(level string) url.Values {
	return url.Values{"meetings": {level}, "doc_approval": {level}, "supplies": {level}, "coordination": {level}, "attitude": {level}}
}

// row is an answer in the database.
type row struct {
	EventID    string             `ch:"event_id"`
	AnswerID   string             `ch:"answer_id"`
	Source     string             `ch:"source"`
	Sequence   string             `ch:"sequence"`
	Time       time.Time          `ch:"time"`
	Department string             `ch:"department"`
	Numbers    map[string]float64 `ch:"numbers"`
	Texts      map[string]string  `ch:"texts"`
}

// answers waits until the database has n answer events of a wave.
func (o *office) answers(w *wave.Wave, n int) []row {
	o.tb.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		var rows []row
		err := o.conn.Select(o.tb.Context(), &rows, "SELECT event_id, answer_id, source, sequence, time, department, numbers, texts FROM answer_events FINAL WHERE wave = ? ORDER BY time, event_id", w.Key)
		if err != nil {
			o.tb.Fatal(err)
		}
		if len(rows) >= n {
			if len(rows) > n {
				o.tb.Fatalf("%d answers, want %d", len(rows), n)
			}
			return rows
		}
		if time.Now().After(deadline) {
			o.tb.Fatalf("%d answers of %d after a minute", len(rows), n)
		}
		time.Sleep(10 * time.Millisecond) // between two looks; the condition decides
	}
}

func wantPage(tb testing.TB, name string, status int, text string, want int, parts ...string) {
	tb.Helper()
	if status != want {
		tb.Errorf("%s: status %d, want %d\n%.600s", name, status, want, text)
	}
	for _, part := range parts {
		if !strings.Contains(text, part) {
			tb.Errorf("%s: %q is not in the page\n%.3000s", name, part, text)
		}
	}
}

func sortedKeys[V any](m map[string]V) string {
	return fmt.Sprint(slices.Sorted(maps.Keys(m)))
}
