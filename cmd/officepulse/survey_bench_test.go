package main

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The load that a survey has to bear: this many people in this time, by a mail
// that reaches all of them at once.
const (
	surveyPeople = 2000
	surveyTime   = time.Minute
)

// BenchmarkSurvey lets 2,000 people open their form and send it within a minute,
// however slow the answers are (an open loop), and wants all of their answers
// counted. It reports how long the form and thank-you took.
//
//	make bench-surveys
func BenchmarkSurvey(b *testing.B) {
	s := startService(b, b.TempDir())
	links := openSurvey(b, s, surveyPeople)
	for b.Loop() {
		var people sync.WaitGroup
		var mu sync.Mutex
		var opened, sent []time.Duration
		began := time.Now()
		for i, link := range links {
			time.Sleep(time.Until(began.Add(surveyTime * time.Duration(i) / surveyPeople))) // the time at which somebody comes
			people.Go(func() {
				a, z := s.timedAnswer(link)
				mu.Lock()
				defer mu.Unlock()
				opened, sent = append(opened, a), append(sent, z)
			})
		}
		people.Wait()
		took := time.Since(began)
		s.waitFor("all answers to be counted", func() bool {
			text, _ := s.fetchText(http.MethodGet, s.url+"/surveys/waves/load/counts?lang=en", nil)
			return strings.Contains(text, `data-label="Answers">2,000</td>`)
		})
		b.ReportMetric(percentile(opened, 0.95), "ms-form-p95")
		b.ReportMetric(percentile(sent, 0.5), "ms-thanks-p50")
		b.ReportMetric(percentile(sent, 0.95), "ms-thanks-p95")
		b.ReportMetric(percentile(sent, 1), "ms-thanks-max")
		b.ReportMetric(float64(len(links))/took.Seconds(), "people/s")
	}
}

func percentile(all []time.Duration, p float64) float64 {
	slices.Sort(all)
	return float64(all[min(len(all)-1, int(p*float64(len(all))))].Microseconds()) / 1000
}

// openSurvey makes a wave "load" with links for so many people, by the pages.
func openSurvey(tb testing.TB, s *service, people int) []string {
	tb.Helper()
	post := func(path string, form url.Values) {
		tb.Helper()
		if text, status := s.fetchText(http.MethodPost, s.url+path, form); status != http.StatusOK { // behind the redirect
			tb.Fatalf("%s: %d %.500s", path, status, text)
		}
	}
	post("/surveys/waves", url.Values{
		"key": {"load"}, "quarter": {"2026Q4"}, "title_zh": {"压力测试"}, "title_en": {"Load"}, "questionnaire": {"office_services.v1"}, "privacy": {"anonymous"},
		"opens": {"2026-01-01T00:00"}, "closes": {"2099-01-01T00:00"}, "department": {"production"}, "at_most": {"0"}, "reason": {"load"},
	})
	post("/surveys/waves/load/open", url.Values{"revision": {"1"}, "reason": {"load"}})
	post("/surveys/waves/load/links", url.Values{"n_production": {strconv.Itoa(people)}})
	file, _ := s.fetchText(http.MethodGet, s.url+"/surveys/waves/load/links.csv", nil)
	rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil || len(rows) != people+1 {
		tb.Fatalf("%d links: %v", len(rows)-1, err)
	}
	links := make([]string, people)
	for i, row := range rows[1:] {
		links[i] = row[2]
	}
	return links
}

// timedAnswer opens a form and sends it.
func (s *service) timedAnswer(link string) (opened, sent time.Duration) {
	began := time.Now()
	page, status := s.fetchText(http.MethodGet, link, nil)
	opened = time.Since(began)
	m := surveyTicket.FindStringSubmatch(page)
	if status != http.StatusOK || m == nil {
		s.tb.Errorf("no form: %d %.200s", status, page)
		return opened, 0
	}
	form := url.Values{"_ticket": {m[1]}, "meetings": {"4"}, "doc_approval": {"5"}, "supplies": {"3"}, "coordination": {"4"}, "attitude": {"5"}, "improve": {strings.Repeat("希望缩短审批时间。", 10)}}
	began = time.Now()
	if page, status = s.fetchText(http.MethodPost, link, form); status != http.StatusOK {
		s.tb.Errorf("the answer was not taken: %d %.200s", status, page)
	}
	return opened, time.Since(began)
}
