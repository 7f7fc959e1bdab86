package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"example.com/officepulse/dashboard/browsertest"
)

var surveyPictures = flag.String("survey-pictures", "", "folder to leave pictures of the survey pages in")

// picture leaves pictures of the page at a desk's and a phone's width.
func picture(ctx context.Context, t *testing.T, name string) {
	t.Helper()
	if *surveyPictures == "" {
		return
	}
	for _, width := range []int64{390, 1440} {
		browsertest.Do(ctx, t, chromedp.EmulateViewport(width, 900))
		shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(85))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(*surveyPictures, fmt.Sprintf("%s-%d.jpg", name, width)), shot, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// faultsOf asks axe-core for everything that the page breaks of WCAG 2.2 AA.
func faultsOf(ctx context.Context, t *testing.T, name string) {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "..", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no axe-core: %v; run make assets", err)
		}
		return
	}
	browsertest.Evaluate[any](ctx, t, string(source)+"; void 0")
	browsertest.Evaluate[any](ctx, t, `delete window.axeFound; document.querySelectorAll("details").forEach(d => d.open = true);
		axe.run(document, {resultTypes: ["violations"], runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]}})
		.then(r => window.axeFound = JSON.stringify(r.violations.map(v => v.id + " (" + v.help + "): " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(" | ")))); void 0`)
	browsertest.Until(ctx, t, `window.axeFound !== undefined`)
	var found []string
	if err := json.Unmarshal([]byte(browsertest.Evaluate[string](ctx, t, `window.axeFound`)), &found); err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		t.Errorf("%s: %s", name, f)
	}
}

// enginePid finds the engine's process among this one's children.
func (s *service) enginePid() int {
	s.tb.Helper()
	processes, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		s.tb.Fatal(err)
	}
	for _, file := range processes {
		text, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(text), filepath.Join(s.data, "clickhouse")) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			return pid
		}
	}
	s.tb.Fatal("the engine's process is not there")
	return 0
}

var surveyTicket = regexp.MustCompile(`name="_ticket" value="([^"]+)"`)

// answerSurvey fills in the form of a link without a browser, as often as it
// takes to be thanked; a form sent again counts once.
func (s *service) answerSurvey(link, level string) {
	s.tb.Helper()
	page, status := s.fetchText(http.MethodGet, link, nil)
	m := surveyTicket.FindStringSubmatch(page)
	if status != http.StatusOK || m == nil {
		s.tb.Errorf("no form at the link: %d\n%.300s", status, page)
		return
	}
	form := url.Values{"_ticket": {m[1]}, "meetings": {level}, "doc_approval": {level}, "supplies": {level}, "coordination": {level}, "attitude": {level}, "improve": {"<script>alert(1)</script>"}}
	for range 2 {
		if page, status = s.fetchText(http.MethodPost, link, form); status != http.StatusOK {
			s.tb.Errorf("the answer was not taken: %d\n%.300s", status, page)
		}
	}
}

func (s *service) fetchText(method, address string, form url.Values) (string, int) {
	s.tb.Helper()
	req, err := http.NewRequestWithContext(s.tb.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		s.tb.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.tb.Error(err)
		return "", 0
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.tb.Error(err)
	}
	return string(text), resp.StatusCode
}

// A wave from creation to what came of it, as the director and 40 people in six
// departments see it: in a browser with and without JavaScript, on a phone, while
// the database is killed and comes back.
func TestSurveyWave(t *testing.T) {
	s := startService(t, t.TempDir())
	ctx := browsertest.Start(t)
	visit := func(path string) {
		t.Helper()
		browsertest.Do(ctx, t, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(s.url+path))
		browsertest.Until(ctx, t, `document.readyState === "complete"`)
	}
	click := func(selector, then string) {
		t.Helper()
		browsertest.Do(ctx, t, chromedp.Click(chromedp.CSS(selector)))
		browsertest.Until(ctx, t, `document.readyState === "complete" && `+then)
	}
	visit("/surveys?lang=en")
	faultsOf(ctx, t, "surveys")
	picture(ctx, t, "surveys-empty")

	// The director makes a wave for six departments and opens it.
	visit("/surveys/waves/new")
	faultsOf(ctx, t, "new wave")
	picture(ctx, t, "wave-form")
	browsertest.Evaluate[any](ctx, t, `{
		const asked = ["sales", "r_and_d", "quality", "finance", "legal", "marketing"];
		document.querySelectorAll("[name=department]").forEach(e => e.checked = asked.includes(e.value));
		asked.forEach(k => document.querySelector("[name=expected_" + k + "]").value = 8);
		document.querySelector("[name=opens]").value = "2026-01-01T00:00";
		document.querySelector("[name=closes]").value = "2099-01-01T00:00";
	}`)
	click(`#wave-form [type=submit]`, `document.querySelector("#open") !== null`)
	wavePath := browsertest.Evaluate[string](ctx, t, `location.pathname`)
	faultsOf(ctx, t, "draft")
	picture(ctx, t, "wave-draft")
	click(`#open [type=submit]`, `document.querySelector("#make-links") !== null`)
	click(`#make-links [type=submit]`, `document.querySelector("a[href$='links.csv']") !== null`)
	faultsOf(ctx, t, "open wave")

	file, status := s.fetchText(http.MethodGet, s.url+wavePath+"/links.csv", nil)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file, "\ufeff"))).ReadAll()
	if status != http.StatusOK || err != nil || len(rows) != 49 {
		t.Fatalf("%d rows of links: %d %v", len(rows), status, err)
	}
	links := make([]string, 0, 48)
	for _, row := range rows[1:] {
		links = append(links, row[2])
	}

	// One person answers with a script, one without, both on a phone.
	phone, closePhone := chromedp.NewContext(ctx)
	defer closePhone()
	if err := chromedp.Do(phone); err != nil { // the tab lives as long as the context of its first call
		t.Fatal(err)
	}
	fill := func(link string) {
		t.Helper()
		browsertest.Do(phone, t, chromedp.EmulateViewport(360, 740), chromedp.Navigate(link+"?lang=en"), chromedp.WaitVisible(chromedp.CSS(`#q-attitude`)))
		for _, key := range []string{"meetings", "doc_approval", "supplies", "coordination", "attitude"} {
			browsertest.Do(phone, t, chromedp.Click(chromedp.CSS(`#q-`+key+` [value="4"]`)))
		}
		browsertest.Do(phone, t, chromedp.Click(chromedp.CSS(`button[type=submit]`)), chromedp.WaitVisible(chromedp.CSS(`main.say`)))
	}
	fill(links[0])
	browsertest.Do(phone, t, func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	})
	fill(links[1])
	browsertest.Until(ctx, t, `document.getElementById("answers")?.textContent === "2"`) // the page counts along
	picture(ctx, t, "wave-open")

	// The others answer while the database is killed, eight at a time.
	if process, err := os.FindProcess(s.enginePid()); err != nil || process.Signal(syscall.SIGKILL) != nil {
		t.Fatalf("the engine was not killed: %v", err)
	}
	var people sync.WaitGroup
	queue := make(chan int)
	for range 8 {
		people.Go(func() {
			for i := range queue {
				s.answerSurvey(links[i], strconv.Itoa(3+i%3))
			}
		})
	}
	for i := 2; i < 40; i++ {
		queue <- i
	}
	close(queue)
	people.Wait()
	browsertest.Until(ctx, t, `document.getElementById("answers")?.textContent === "40"`)

	page, status := s.fetchText(http.MethodGet, links[3], nil)
	if status != http.StatusGone || !strings.Contains(page, "此链接已经用过") {
		t.Errorf("a used link: %d %.300s", status, page)
	}

	// Closed, nothing more is taken; published, the next wave's people hear of it.
	visit(wavePath)
	browsertest.Evaluate[any](ctx, t, `document.querySelectorAll("details").forEach(d => d.open = true)`)
	click(`#close [type=submit]`, `document.querySelector("#publish") !== null`)
	if page, status := s.fetchText(http.MethodGet, links[45], nil); status != http.StatusGone || !strings.Contains(page, "调查已经结束") {
		t.Errorf("a closed wave: %d %.300s", status, page)
	}
	picture(ctx, t, "wave-closed")
	faultsOf(ctx, t, "closed wave")
	browsertest.Do(ctx, t, chromedp.SendKeys(chromedp.CSS(`[name=outcome_zh]`), "会议室改为线上预订。"), chromedp.SendKeys(chromedp.CSS(`[name=outcome_en]`), "Rooms are booked online now."))
	click(`#publish [type=submit]`, `document.body.textContent.includes("It is published")`)
	click(`#next [type=submit]`, `document.querySelector("#open") !== null`)
	next := browsertest.Evaluate[string](ctx, t, `location.pathname`)
	if next == wavePath {
		t.Fatalf("the next wave is the same: %s", next)
	}
	browsertest.Do(ctx, t, chromedp.Click(chromedp.CSS(`a[href$="/edit"]`)))
	browsertest.Until(ctx, t, `document.querySelector("#wave-form") !== null`)
	browsertest.Evaluate[any](ctx, t, `{
		document.querySelector("[name=opens]").value = "2026-01-01T00:00";
		document.querySelector("[name=privacy][value=named]").checked = true;
		document.querySelector("#wave-form [name=reason]").value = "test";
	}`)
	click(`#wave-form [type=submit]`, `document.querySelector("#open") !== null`)
	click(`#open [type=submit]`, `document.querySelector("#make-links") !== null`)
	shared := browsertest.Evaluate[string](ctx, t, `document.querySelector(".op-copy").value`)
	fill(shared)
	if said := phoneText(phone, t); !strings.Contains(said, "Rooms are booked online now.") {
		t.Errorf("what came of the last answers is not said: %s", said)
	}
	visit("/surveys?lang=zh")
	picture(ctx, t, "surveys")
	visit(next)
	picture(ctx, t, "wave-open-zh")
	visit("/surveys/questionnaires/office_services.v1/edit")
	faultsOf(ctx, t, "editor")
	picture(ctx, t, "editor")
}

// phoneText is what stands on the phone's page, which has no script to ask.
func phoneText(phone context.Context, t *testing.T) string {
	t.Helper()
	limited, cancel := context.WithTimeout(phone, 30*time.Second)
	defer cancel()
	text, err := chromedp.Run(limited, chromedp.Text(chromedp.CSS(`main`)))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
