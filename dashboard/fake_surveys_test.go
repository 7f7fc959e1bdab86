package dashboard

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"

	"example.com/officepulse/dashboard/i18n"
	"example.com/officepulse/surveys/questionnaire"
	"example.com/officepulse/surveys/wave"
)

// fakeSurveys keeps waves in memory as surveys/store does in tables.
type fakeSurveys struct {
	mu             sync.Mutex
	revisions      []*wave.Wave
	questionnaires []*questionnaire.Questionnaire
	links          []SurveyLink
	counts         map[string]uint64
	fail           error
}

func (f *fakeSurveys) Waves() []*wave.Wave {
	f.mu.Lock()
	defer f.mu.Unlock()
	var newest []*wave.Wave
	for _, w := range f.revisions {
		newest = slices.DeleteFunc(newest, func(one *wave.Wave) bool { return one.Key == w.Key })
		newest = append(newest, w)
	}
	slices.SortFunc(newest, func(a, b *wave.Wave) int {
		if b.Quarter.Before(a.Quarter) {
			return -1
		}
		return 1
	})
	return newest
}

func (f *fakeSurveys) Wave(key string) (*wave.Wave, bool) {
	for _, w := range f.Waves() {
		if w.Key == key {
			return w, true
		}
	}
	return nil, false
}

func (f *fakeSurveys) History(_ context.Context, key string) (all []*wave.Wave, err error) {
	for _, w := range slices.Backward(f.revisions) {
		if w.Key == key {
			all = append(all, w)
		}
	}
	return all, f.fail
}

func (f *fakeSurveys) Save(_ context.Context, w *wave.Wave) error {
	if f.fail != nil {
		return f.fail
	}
	before, there := f.Wave(w.Key)
	if there && w.Revision == 1 {
		return &wave.RefusedError{Code: wave.Taken, Subject: w.Key}
	}
	if there && w.Revision != before.Revision+1 {
		return wave.ErrOvertaken
	}
	f.revisions = append(f.revisions, w)
	return nil
}

func (f *fakeSurveys) Counts(context.Context, string) (map[string]uint64, error) {
	return f.counts, f.fail
}
func (f *fakeSurveys) Questionnaires() []*questionnaire.Questionnaire { return f.questionnaires }

func (f *fakeSurveys) Questionnaire(v wave.Version) (*questionnaire.Questionnaire, bool) {
	for _, q := range f.questionnaires {
		if wave.VersionOf(q) == v {
			return q, true
		}
	}
	return nil, false
}

func (f *fakeSurveys) Newest(key string) (newest *questionnaire.Questionnaire, ok bool) {
	for _, q := range f.questionnaires {
		if q.Key == key && (newest == nil || q.Version > newest.Version) {
			newest = q
		}
	}
	return newest, newest != nil
}

func (f *fakeSurveys) AddQuestionnaire(_ context.Context, q *questionnaire.Questionnaire, _ wave.By) error {
	if newest, ok := f.Newest(q.Key); ok && newest.Version >= q.Version {
		return wave.ErrOvertaken
	}
	f.questionnaires = append([]*questionnaire.Questionnaire{q}, f.questionnaires...)
	return f.fail
}

func (f *fakeSurveys) Preview(w io.Writer, q *questionnaire.Questionnaire, language i18n.Language) error {
	_, err := fmt.Fprintf(w, "<p>preview of %s in %s, %d questions", q.ID(), language, len(q.Questions))
	return err
}

func (f *fakeSurveys) MakeLinks(_ context.Context, _ *wave.Wave, requests []LinkRequest, _ string) error {
	for i, r := range requests {
		f.links = append(f.links, SurveyLink{r.Department, r.Recipient, fmt.Sprintf("http://here/s/%d", i)})
	}
	return f.fail
}

func (f *fakeSurveys) PersonalLinks(context.Context, *wave.Wave) ([]SurveyLink, error) {
	return f.links, f.fail
}

func (f *fakeSurveys) DepartmentLink(_ *wave.Wave, department string) string {
	return "http://here/s/of-" + department
}

// heldSurveys are a published wave, one that is open, and a draft.
func heldSurveys(tb testing.TB) *fakeSurveys {
	tb.Helper()
	must := func(w *wave.Wave, err error) *wave.Wave {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return w
	}
	template, err := questionnaire.Template()
	if err != nil {
		tb.Fatal(err)
	}
	places := []wave.Department{
		{Key: "sales", Name: questionnaire.Text{ZH: "销售", EN: "Sales"}, Headcount: 210}, {Key: "legal", Name: questionnaire.Text{ZH: "法务合规", EN: "Legal"}, Headcount: 15},
	}
	by := wave.By{Author: pageActor, Reason: "as planned", At: testNow}
	made := func(q wave.Quarter) *wave.Wave {
		return must(wave.New(&wave.Wave{
			Key: q.String(), Quarter: q, Title: questionnaire.Text{ZH: "满意度调查 " + q.String(), EN: "Satisfaction, " + q.String()}, Questionnaire: wave.VersionOf(template),
			Opens: testNow.AddDate(0, 0, -3), Closes: testNow.AddDate(0, 0, 11), Departments: []wave.Department{{Key: "sales"}, {Key: "legal"}}, Anonymous: true,
			Reminders: wave.Reminders{DaysBefore: []int{7, 2}, AtMost: 2},
		}, by))
	}
	before := made(wave.Quarter{Year: 2026, Number: 2})
	opened := must(before.Opened(places, by))
	closed := must(opened.ClosedNow(by))
	now := made(wave.Quarter{Year: 2026, Number: 3})
	return &fakeSurveys{
		questionnaires: []*questionnaire.Questionnaire{template}, counts: map[string]uint64{"sales": 140, "legal": 3},
		revisions: []*wave.Wave{
			before, opened, closed, must(closed.PublishedWith(questionnaire.Text{ZH: "会议室改为线上预订。", EN: "Rooms are booked online."}, by)),
			now, must(now.Opened(places, by)), made(wave.Quarter{Year: 2026, Number: 4}),
		},
	}
}
