// Package resultstest fills a real database with waves and answers, for tests of
// what is shown of them.
package resultstest

import (
	"context"
	cryptorand "crypto/rand"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"example.com/officepulse/analytics/anonymity"
	"example.com/officepulse/deploy/embedded/enginetest"
	"example.com/officepulse/ingest/event"
	"example.com/officepulse/ingest/warehouse"
	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/results"
	"example.com/officepulse/surveys/store"
	"example.com/officepulse/surveys/wave"
)

// Office is a database with its waves. Its package's TestMain has to call [enginetest.Main].
type Office struct {
	Conn    driver.Conn
	Store   *store.Store
	Results *results.Results
	Waiting int64 // answers that are in the log and not stored

	offset int64
}

// New makes an empty one.
func New(tb testing.TB, rule anonymity.Rule) *Office {
	tb.Helper()
	conn, err := warehouse.Open(tb.Context(), enginetest.Database(tb))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	if err := warehouse.Migrate(tb.Context(), conn); err != nil {
		tb.Fatal(err)
	}
	kept, err := store.Open(tb.Context(), tb.TempDir(), conn, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	o := &Office{Conn: conn, Store: kept}
	if o.Results, err = results.New(kept, conn, rule, o.Log()); err != nil {
		tb.Fatal(err)
	}
	return o
}

// Log is where the answers come from.
func (o *Office) Log() results.Log {
	return results.Log{Positions: func(context.Context) ([]results.Position, error) {
		return []results.Position{{End: 100, Stored: 100 - o.Waiting}}, nil
	}}
}

// Person is somebody's answer. ID is made when it is "".
type Person struct {
	ID, Department string
	Answers        questionnaire.Answers
}

// Questionnaire keeps a questionnaire.
func (o *Office) Questionnaire(tb testing.TB, q *questionnaire.Questionnaire) {
	tb.Helper()
	if err := o.Store.AddQuestionnaire(tb.Context(), q, wave.By{Author: "director", Reason: "test", At: time.Now()}); err != nil {
		tb.Fatal(err)
	}
}

// Open opens a wave of a quarter, which is its key.
func (o *Office) Open(tb testing.TB, quarter string, q *questionnaire.Questionnaire, departments []wave.Department) *wave.Wave {
	tb.Helper()
	asked, err := wave.ParseQuarter(quarter)
	if err != nil {
		tb.Fatal(err)
	}
	now := time.Now()
	draft := &wave.Wave{
		Key: quarter, Quarter: asked, Questionnaire: wave.VersionOf(q), Opens: now.Add(-2 * time.Hour), Closes: now.Add(time.Hour), Departments: departments, Anonymous: true,
		Title: questionnaire.Text{ZH: fmt.Sprintf("%d年第%d季度满意度调查", asked.Year, asked.Number), EN: "Satisfaction, " + quarter},
	}
	w := o.save(tb)(wave.New(draft, by(now.Add(-2*time.Hour))))
	return o.save(tb)(w.Opened(departments, by(now.Add(-2*time.Hour))))
}

// Close closes a wave a minute ago, so that its results are ready.
func (o *Office) Close(tb testing.TB, w *wave.Wave) {
	tb.Helper()
	o.save(tb)(w.ClosedNow(by(time.Now().Add(-time.Minute))))
}

func by(at time.Time) wave.By { return wave.By{Author: "director", Reason: "test", At: at} }

func (o *Office) save(tb testing.TB) func(*wave.Wave, error) *wave.Wave {
	tb.Helper()
	return func(w *wave.Wave, err error) *wave.Wave {
		tb.Helper()
		if err == nil {
			err = o.Store.Save(tb.Context(), w)
		}
		if err != nil {
			tb.Fatal(err)
		}
		return w
	}
}

// Answer stores answers to a wave that Kafka had at an instant.
func (o *Office) Answer(tb testing.TB, w *wave.Wave, at time.Time, people ...Person) {
	tb.Helper()
	records := make([]event.Record, 0, len(people))
	for _, p := range people {
		id := p.ID
		if id == "" {
			id = random()
		}
		o.offset++
		records = append(records, event.Record{
			Event: event.Event{
				ID: random(), Source: "test", Type: event.TypeAnswer, Time: at.UTC().Truncate(24 * time.Hour),
				Answer: &event.Answer{AnswerID: id, Wave: w.Key, Questionnaire: w.Questionnaire.ID(), Department: p.Department, Answers: p.Answers},
			},
			Log: "test", Offset: o.offset, ProducedAt: at.UTC(),
		})
	}
	if err := warehouse.NewWriter(o.Conn).Insert(tb.Context(), event.TypeAnswer, random(), records); err != nil {
		tb.Fatal(err)
	}
}

func random() string { return cryptorand.Text() }

// Departments are some of an office, the last two too small to be shown.
func Departments() []wave.Department {
	list := []struct {
		key, zh, en string
		headcount   int
	}{
		{"production", "生产", "Production", 520},
		{"sales", "销售", "Sales", 210},
		{"rnd", "研发", "R&D", 180},
		{"warehouse", "仓储物流", "Warehousing", 120},
		{"quality", "质量", "Quality", 90},
		{"finance", "财务", "Finance", 50},
		{"hr", "人力资源", "HR", 40},
		{"legal", "法务合规", "Legal", 15},
	}
	departments := make([]wave.Department, len(list))
	for i, d := range list {
		departments[i] = wave.Department{Key: d.key, Name: questionnaire.Text{ZH: d.zh, EN: d.en}, Headcount: d.headcount, Expected: min(d.headcount, 22)}
	}
	departments[6].Expected, departments[7].Expected = 8, 6
	return departments
}

var remarks = []string{
	"会议通知希望提前一天，会议室设备经常连不上", "文件审批进度看不到，希望能查询", "物资采购周期太长", "Meeting minutes arrive late", "审批意见一次说清楚，不要反复退回",
	"办公用品领用很方便", "Please let us see where a document is waiting", "协调部门之间的事情很及时", "会议室预订系统不好用", "文件审批退回理由不清楚",
}

// Story tells of four quarters in which satisfaction rises, with comments.
// Document approval, which is fast by then, is liked least.
func Story(tb testing.TB) *Office {
	tb.Helper()
	o := New(tb, anonymity.Default)
	q, err := questionnaire.Template()
	if err != nil {
		tb.Fatal(err)
	}
	o.Questionnaire(tb, q)
	r := rand.New(rand.NewPCG(7, 7)) //nolint:gosec // the same story every time
	departments := Departments()
	for i, quarter := range []string{"2025Q4", "2026Q1", "2026Q2", "2026Q3"} {
		w := o.Open(tb, quarter, q, departments)
		var people []Person
		for j, d := range departments {
			n := []int{14, 18, 16, 12, 11, 9, 6, 3}[j]
			if i < 2 && d.Key == "legal" {
				n = 0
			}
			for range n {
				p := Person{Department: d.Key, Answers: questionnaire.Answers{}}
				for k, one := range q.Questions {
					if one.Type == questionnaire.FreeText {
						continue
					}
					level := 3.4 + 0.32*float64(i) + 0.1*float64(j%3) + 0.5*r.NormFloat64()
					if k == 1 {
						level -= 0.6
					}
					p.Answers[one.Key] = event.Number(math.Round(max(1, min(5, level))))
				}
				if r.IntN(3) > 0 {
					p.Answers["improve"] = event.Text(remarks[r.IntN(len(remarks))])
				}
				people = append(people, p)
			}
		}
		o.Answer(tb, w, time.Now().Add(-time.Hour), people...)
		o.Close(tb, w)
	}
	return o
}
