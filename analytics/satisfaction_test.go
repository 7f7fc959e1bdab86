package analytics_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/anonymity"
	"example.com/officepulse/analytics/stats"
	"example.com/officepulse/ingest/event"
)

// However a survey's answers are grouped and cut, no department with too few is
// shown, nor the next smallest where the rest would give it away; and no period
// parts a survey.
func TestSatisfactionIsSuppressed(t *testing.T) {
	conn := store(t)
	day := func(month time.Month, d int) time.Time { return time.Date(2026, month, d, 0, 0, 0, 0, time.UTC) }
	var records []event.Record
	give := func(wave, department string, on time.Time, scores ...float64) {
		for _, s := range scores {
			id := fmt.Sprintf("%s-%s-%d", wave, department, len(records))
			records = append(records, event.Record{Offset: int64(len(records)), ProducedAt: on, Event: event.Event{
				ID: id, Source: "/t", Type: event.TypeAnswer, Time: on,
				Answer: &event.Answer{AnswerID: id, Wave: wave, Questionnaire: "free", Department: department, Answers: map[string]event.Value{"all": event.Number(s)}},
			}})
		}
	}
	give("Q1", "a", day(2, 3), 10, 20, 30)
	give("Q1", "b", day(2, 4), 50, 50, 50, 50, 60)
	give("Q1", "c", day(2, 5), 70, 70, 70, 70, 70, 70)
	give("Q1", "c", day(2, 6), 90)
	give("Q2", "a", day(5, 3), 10, 20, 30, 40, 50)
	insert(t, conn, records)
	utc := workdays(t, "UTC")
	m := analytics.New(conn, office(), utc) // the rule holds unless it is lifted
	figures := func(q analytics.Query) map[string]float64 {
		q.Zone = time.UTC
		got := make(map[string]float64)
		for _, s := range ask(t, m, "satisfaction", q).Series {
			for _, p := range s.Points {
				got[s.Key+" "+p.Period] = *p.Mean
			}
		}
		return got
	}
	of := func(name string, q analytics.Query, want map[string]float64) {
		t.Helper()
		if diff := cmp.Diff(want, figures(q)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	c := 510.0 / 7
	c = float64(int(c*1e6+0.5)) / 1e6
	year := analytics.Query{From: day(1, 1), To: day(12, 31)}
	by := func(q analytics.Query, by analytics.By, bucket analytics.Bucket) analytics.Query {
		q.By, q.Bucket = by, bucket
		return q
	}
	of("by department", by(year, analytics.ByDepartment, analytics.BucketQuarter), map[string]float64{"a 2026Q2": 30, "c 2026Q1": c})
	of("all", by(year, "", analytics.BucketQuarter), map[string]float64{"all 2026Q1": c, "all 2026Q2": 30})
	of("by day", by(year, analytics.ByDepartment, analytics.BucketDay), map[string]float64{"a 2026-05-03": 30, "c 2026-02-06": c})
	of("the days before the last answer", analytics.Query{From: day(1, 1), To: day(2, 6)}, map[string]float64{})
	of("the last day alone", analytics.Query{From: day(2, 6), To: day(2, 7)}, map[string]float64{"all ": c})
	of("one of the hidden", analytics.Query{From: day(1, 1), To: day(4, 1), Department: []string{"a", "b"}}, map[string]float64{})

	// A survey that is held here: its answers are read from nowhere else.
	if err := conn.Exec(t.Context(), "INSERT INTO survey_waves (wave, revision, state) VALUES ('Q2', 1, 'open')"); err != nil {
		t.Fatal(err)
	}
	m = analytics.New(conn, office(), utc).Publishing(anonymity.Default.Scores, func(context.Context) ([]analytics.Score, error) {
		return []analytics.Score{{Department: "d", At: day(5, 9), Sample: stats.Sample{N: 6, Mean: 42, Variance: 10}}}, nil
	})
	of("held here", by(year, analytics.ByDepartment, analytics.BucketQuarter), map[string]float64{"c 2026Q1": c, "d 2026Q2": 42})
}
