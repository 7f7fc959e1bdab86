package analytics_test

import (
	"testing"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/oracle"
	"example.com/officepulse/ingest/event"
)

// Answers to a questionnaire that is asked here are worth what it says, item by
// item, and those of a wave that is not closed are in no figure.
func TestSurveys(t *testing.T) {
	conn := store(t)
	surveys := analytics.Surveys{Scales: map[string]map[string]analytics.Scale{
		"every.v1": {"overall": {Weight: 2}, "speed": {Weight: 1, Levels: map[int]float64{5: 100, 1: 40}}},
	}}
	m := analytics.New(conn, office(), workdays(t, "Asia/Shanghai")).Publishing(0, nil).Asking(func() analytics.Surveys { return surveys })
	answer := func(id, wave, department string, answers map[string]event.Value) event.Event {
		return event.Event{ID: id, Source: "test", Type: event.TypeAnswer, Time: day(2026, 5, 5), Answer: &event.Answer{
			AnswerID: id, Wave: wave, Questionnaire: "every.v1", Department: department, Answers: answers,
		}}
	}
	insert(t, conn, oracle.Log([]event.Event{
		answer("a", "2026Q2", "sales", map[string]event.Value{"overall": event.Number(70), "speed": event.Number(5), "recommend": event.Number(3)}),
		answer("b", "2026Q2", "sales", map[string]event.Value{"speed": event.Number(1)}),
		answer("c", "2026Q2", "sales", map[string]event.Value{"speed": event.Number(4), "recommend": event.Number(9)}), // no level, no weight: no score
		answer("d", "2026Q3", "sales", map[string]event.Value{"overall": event.Number(0)}),
	}))
	f := func(name string, mean float64, n uint64, unready ...string) {
		t.Helper()
		surveys.Unready = unready
		r := ask(t, m, "satisfaction", year(2026))
		if n == 0 {
			if len(r.Series) != 0 {
				t.Errorf("%s: %+v", name, r.Series)
			}
			return
		}
		if len(r.Series) != 1 || *r.Series[0].Points[0].Mean != mean || r.Series[0].Points[0].N != n {
			t.Errorf("%s: %+v, want %v of %d", name, r.Series, mean, n)
		}
	}
	f("both waves are open", 0, 0, "2026Q2", "2026Q3")
	if _, last, err := m.Span(t.Context()); err != nil || !last.IsZero() {
		t.Errorf("an open wave shows in the span of the data: %v %v", last, err)
	}
	f("one is closed", 60, 2, "2026Q3") // (2·70 + 100) / 3 = 80, and 40
	f("both are", 40, 3)
	if _, last, err := m.Span(t.Context()); err != nil || !last.Equal(day(2026, 5, 5)) {
		t.Errorf("the span of the data: %v %v", last, err)
	}
}
