package main

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

const killedPeople = 120

// tryAnswer opens a link anew and sends its form; false when there is no form any
// more, or nobody answers.
func (s *service) tryAnswer(link string) (thanked bool) {
	fetch := func(method string, form url.Values) (string, int) {
		req, err := http.NewRequestWithContext(s.tb.Context(), method, link, strings.NewReader(form.Encode()))
		if err != nil {
			return "", 0
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return "", 0
		}
		defer func() { _ = resp.Body.Close() }()
		var b strings.Builder
		_ = resp.Write(&b)
		return b.String(), resp.StatusCode
	}
	page, _ := fetch(http.MethodGet, nil)
	m := surveyTicket.FindStringSubmatch(page)
	if m == nil {
		return false
	}
	_, status := fetch(http.MethodPost, url.Values{"_ticket": {m[1]}, "meetings": {"4"}, "doc_approval": {"4"}, "supplies": {"4"}, "coordination": {"4"}, "attitude": {"4"}})
	return status == http.StatusOK
}

// The program is killed again and again while people answer. In the end everybody
// opens the link anew and tries to answer, whether thanked before or not: each of
// them counts once.
func TestSurveyKilled(t *testing.T) {
	useRealKafka(t)
	s := &service{tb: t, data: t.TempDir(), out: &lockedBuffer{}}
	cmd, st := s.program()
	links := openSurvey(t, s, killedPeople)
	for round := range 3 {
		mine := links[round*killedPeople/3 : (round+1)*killedPeople/3]
		base := s.url
		var crowd sync.WaitGroup
		var thanked atomic.Int32
		queue := make(chan string)
		enough := make(chan struct{})
		for range 8 {
			crowd.Go(func() {
				for link := range queue {
					if s.tryAnswer(link) && int(thanked.Add(1)) == len(mine)/2 {
						close(enough)
					}
				}
			})
		}
		go func() {
			defer close(queue)
			for _, link := range mine {
				_, path, _ := strings.Cut(link, "/s/")
				queue <- base + "/s/" + path
			}
		}()
		<-enough // eight answers are on their way
		s.kill(cmd, st)
		crowd.Wait()
		t.Logf("killed when %d of %d had been thanked", thanked.Load(), len(mine))
		cmd, st = s.program()
	}
	again := 0
	for _, link := range links {
		_, path, _ := strings.Cut(link, "/s/")
		if s.tryAnswer(s.url + "/s/" + path) {
			again++
		}
	}
	if again == 0 || again == killedPeople {
		t.Errorf("%d of %d could answer afterwards: nothing was tried", again, killedPeople)
	}
	c := &client{server: s.url, token: s.token(), http: httpClient()}
	if err := c.waitStored(t.Context()); err != nil {
		t.Fatal(err)
	}
	text, _ := s.fetchText(http.MethodGet, s.url+"/surveys/waves/load/counts?lang=en", nil)
	if !strings.Contains(text, `data-label="Answers">120</td>`) {
		t.Errorf("after three kills not 120 answers: %s", text)
	}
	s.kill(cmd, st)
}
