package main

import (
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	cardPattern  = regexp.MustCompile(`(?s)<section class="op-panel op-card" id="([^"]+)"(.*?)</section>`)
	linkPattern  = regexp.MustCompile(`<a href="(/cases\?[^"]+)">([^<]*)</a>`)
	titlePattern = regexp.MustCompile(`<h1>([^<]*)</h1>`)
	countPattern = regexp.MustCompile(`^[0-9,]+$`)
	wordPattern  = regexp.MustCompile(`[0-9][0-9,]*`)
)

// perCard is how many figures of a card are followed to their cases.
const perCard = 6

// behindTheFigures follows the figures of the pages to their cases. Where a
// figure is a count, the list says that it has as many, of cases or of what is
// counted in them.
func behindTheFigures(t *testing.T, s *service) {
	t.Helper()
	followed := map[string]int{}
	for _, page := range []string{
		"/errors?quarter=2026Q3&lang=en", "/errors?quarter=2026Q1&department=sales&lang=en",
		"/approvals?quarter=2026Q3&lang=en", "/approvals?quarter=2026Q1&process=meeting&clock=elapsed&lang=en", "/approvals?quarter=2026Q3&stage=countersign&class=core&lang=en",
	} {
		status, body := s.get(page)
		if status != http.StatusOK {
			t.Fatalf("%s: %d", page, status)
		}
		for _, card := range cardPattern.FindAllStringSubmatch(string(body), -1) {
			links := linkPattern.FindAllStringSubmatch(card[2], -1)
			for i := 0; i < len(links); i += max(1, len(links)/perCard) {
				followed[card[1]]++
				s.follow(t, page+" #"+card[1], html.UnescapeString(links[i][1]), links[i][2])
			}
		}
	}
	for _, card := range []string{
		"control", "kinds", "heat", "processes", "departments", "comparison", "trend", "stages", "bottlenecks", "histogram", "curve", "routes", "deviations",
		"transitions", "handovers", "limits", "ageing",
	} {
		if followed[card] == 0 {
			t.Errorf("no figure of the chart %s leads to its cases", card)
		}
	}
}

// follow opens the list behind a figure.
func (s *service) follow(t *testing.T, where, link, figure string) {
	t.Helper()
	status, body := s.get(link)
	title := titlePattern.FindSubmatch(body)
	if status != http.StatusOK || title == nil {
		t.Errorf("%s: the cases behind %s, %s: %d", where, figure, link, status)
		return
	}
	if !countPattern.MatchString(figure) {
		return // a time or a share, which several cases make up
	}
	if slices.Contains(wordPattern.FindAllString(string(title[1]), -1), figure) {
		return
	}
	t.Errorf("%s: the figure is %s and its list, %s, is headed %q", where, figure, link, strings.TrimSpace(string(title[1])))
}
