package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"example.com/officepulse/dashboard/browsertest"
	"example.com/officepulse/surveys/form"
	"example.com/officepulse/surveys/invitation"
	"example.com/officepulse/surveys/store"
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

const wickedText = `<script>alert(1)</script><img src=x onerror=alert(2)>`

// answerSurvey fills in the form of a link without a browser, and sends it twice
// at once, as a double click does; it counts once.
func (s *service) answerSurvey(link, level string) {
	s.tb.Helper()
	page, status := s.fetchText(http.MethodGet, link, nil)
	m := surveyTicket.FindStringSubmatch(page)
	if status != http.StatusOK || m == nil {
		s.tb.Errorf("no form at the link: %d\n%.300s", status, page)
		return
	}
	form := url.Values{"_ticket": {m[1]}, "meetings": {level}, "doc_approval": {level}, "supplies": {level}, "coordination": {level}, "attitude": {level}, "improve": {wickedText}}
	var twice sync.WaitGroup
	for range 2 {
		twice.Go(func() {
			if page, status := s.fetchText(http.MethodPost, link, form); status != http.StatusOK {
				s.tb.Errorf("the answer was not taken: %d\n%.300s", status, page)
			}
		})
	}
	twice.Wait()
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

// surveyDepartments are the six that are asked, with how many of them answer: 40.
var surveyDepartments = map[string]int{"sales": 8, "r_and_d": 8, "quality": 8, "finance": 6, "legal": 5, "marketing": 5}

// surveyLinks are the personal links of a wave, by department.
func (s *service) surveyLinks(wavePath string, want int) map[string][]string {
	s.tb.Helper()
	file, status := s.fetchText(http.MethodGet, s.url+wavePath+"/links.csv", nil)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file, "\ufeff"))).ReadAll()
	if status != http.StatusOK || err != nil || len(rows) != want+1 {
		s.tb.Fatalf("%d rows of links: %d %v", len(rows), status, err)
	}
	keys := make(map[string][]string)
	for _, row := range rows[1:] {
		link, err := invitation.Parse(row[2][strings.LastIndex(row[2], "/")+1:], s.surveySecret())
		if err != nil {
			s.tb.Fatal(err)
		}
		keys[link.Department] = append(keys[link.Department], row[2])
	}
	return keys
}

// surveySecret signs the service's links.
func (s *service) surveySecret() invitation.Secret {
	s.tb.Helper()
	secret, err := store.Secret(filepath.Join(s.data, surveysDir))
	if err != nil {
		s.tb.Fatal(err)
	}
	return secret
}

// respondent is somebody with a link, and the level that they choose throughout.
type respondent struct {
	department, link string
	level            int
}

const points = "0 0 30 60 80 100" // of the levels in the shipped questionnaire

// meanOf is the headline that the answers have to lead to: the simple mean of
// the departments' means.
func meanOf(people []respondent) float64 {
	sums, counts := make(map[string]float64), make(map[string]float64)
	for _, p := range people {
		worth, _ := strconv.ParseFloat(strings.Fields(points)[p.level], 64)
		sums[p.department] += worth
		counts[p.department]++
	}
	total := 0.0
	for department, sum := range sums {
		total += sum / counts[department]
	}
	return total / float64(len(sums))
}

// A wave from creation to its published result, as the director and 40 people in
// six departments see it: in a browser with and without JavaScript, on a phone,
// while the database is killed and comes back.
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
	key := wavePath[strings.LastIndex(wavePath, "/")+1:]
	faultsOf(ctx, t, "draft")
	picture(ctx, t, "wave-draft")
	click(`#open [type=submit]`, `document.querySelector("#make-links") !== null`)
	click(`#make-links [type=submit]`, `document.querySelector("a[href$='links.csv']") !== null`)
	faultsOf(ctx, t, "open wave")
	visit(wavePath + "/sheet")
	faultsOf(ctx, t, "QR sheet")
	picture(ctx, t, "sheet")
	visit(wavePath)

	links := s.surveyLinks(wavePath, 48)
	var people []respondent
	unused := make(map[string]string)
	for _, department := range slices.Sorted(maps.Keys(surveyDepartments)) {
		for i, link := range links[department] {
			if i < surveyDepartments[department] {
				people = append(people, respondent{department, link, 3 + (i+len(people))%3})
			} else {
				unused[department] = link
			}
		}
	}

	// On a phone, one of each department answers with a script and one without.
	phone, closePhone := chromedp.NewContext(ctx)
	defer closePhone()
	if err := chromedp.Do(phone); err != nil { // the tab lives as long as the context of its first call
		t.Fatal(err)
	}
	fill := func(link string, level int) {
		t.Helper()
		browsertest.Do(phone, t, chromedp.EmulateViewport(360, 740), chromedp.Navigate(link+"?lang=en"), chromedp.WaitVisible(chromedp.CSS(`#q-attitude`)))
		for _, key := range []string{"meetings", "doc_approval", "supplies", "coordination", "attitude"} {
			browsertest.Do(phone, t, chromedp.Click(chromedp.CSS(fmt.Sprintf(`#q-%s [value="%d"]`, key, level))))
		}
		browsertest.Do(phone, t, chromedp.SendKeys(chromedp.CSS(`#f-improve`), wickedText),
			chromedp.Click(chromedp.CSS(`button[type=submit]`)), chromedp.WaitVisible(chromedp.CSS(`main.say`)))
	}
	var others []respondent
	var onPhone [2][]respondent // with a script, and without
	for i, p := range people {
		switch {
		case i == 0 || people[i-1].department != p.department:
			onPhone[0] = append(onPhone[0], p)
		case i == 1 || people[i-2].department != p.department:
			onPhone[1] = append(onPhone[1], p)
		default:
			others = append(others, p)
		}
	}
	for _, p := range onPhone[0] {
		fill(p.link, p.level)
	}
	faultsOf(phone, t, "thank you")
	browsertest.Do(phone, t, chromedp.Navigate(onPhone[0][0].link), chromedp.WaitVisible(chromedp.CSS(`main.say`)))
	faultsOf(phone, t, "a used link")
	browsertest.Do(phone, t, func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	})
	for _, p := range onPhone[1] {
		fill(p.link, p.level)
	}
	browsertest.Until(ctx, t, `document.getElementById("answers")?.textContent === "12"`) // the page counts along
	picture(ctx, t, "wave-open")
	if page, status := s.fetchText(http.MethodGet, s.url+"/api/v1/satisfaction/"+key, nil); status != http.StatusConflict {
		t.Errorf("results of an open wave: %d %.300s", status, page)
	}

	// The others answer while the database is killed, eight at a time, each twice at once.
	if process, err := os.FindProcess(s.enginePid()); err != nil || process.Signal(syscall.SIGKILL) != nil {
		t.Fatalf("the engine was not killed: %v", err)
	}
	var crowd sync.WaitGroup
	queue := make(chan respondent)
	for range 8 {
		crowd.Go(func() {
			for p := range queue {
				s.answerSurvey(p.link, strconv.Itoa(p.level))
			}
		})
	}
	for _, p := range others {
		queue <- p
	}
	close(queue)
	crowd.Wait()
	browsertest.Until(ctx, t, `document.getElementById("answers")?.textContent === "40"`)
	s.wrongLinks(key, people[0].link, unused["legal"])

	// Closed, nothing more is taken, and what came of it is seen.
	visit(wavePath)
	browsertest.Evaluate[any](ctx, t, `document.querySelectorAll("details").forEach(d => d.open = true)`)
	click(`#close [type=submit]`, `document.querySelector("#publish") !== null`)
	if page, status := s.fetchText(http.MethodGet, unused["legal"], nil); status != http.StatusGone || !strings.Contains(page, "调查已经结束") {
		t.Errorf("a closed wave: %d %.300s", status, page)
	}
	picture(ctx, t, "wave-closed")
	faultsOf(ctx, t, "closed wave")
	var came struct {
		Response struct{ Answered int }
		Overall  struct {
			Departments int
			N           uint64
			Mean        float64
		}
	}
	s.waitFor("the results", func() bool {
		text, status := s.fetchText(http.MethodGet, s.url+"/api/v1/satisfaction/"+key, nil)
		return status == http.StatusOK && json.Unmarshal([]byte(text), &came) == nil
	})
	if want := meanOf(people); came.Response.Answered != 40 || came.Overall.Departments != 6 || came.Overall.N != 40 || math.Abs(came.Overall.Mean-want) > 1e-9 {
		t.Errorf("came of it: %+v, want a mean of %v", came, want)
	}
	complaints := browsertest.Watch(ctx, t, strings.TrimPrefix(s.url, "http://"))
	visit(wavePath)
	click(`a[href^="/satisfaction"].op-button`, `location.pathname === "/satisfaction"`)
	browsertest.Until(ctx, t, `document.body.textContent.includes(`+strconv.Quote(wickedText)+`)`) // as it was written, and never run
	complaints.Report(t)
	faultsOf(ctx, t, "satisfaction")
	picture(ctx, t, "satisfaction")

	// Published, the next wave's people hear of it.
	visit(wavePath)
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
	fill(shared, 4)
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

// wrongLinks tries whatever leads to no answer, in a wave that is open.
func (s *service) wrongLinks(key, used, unused string) {
	s.tb.Helper()
	try := func(name, link string, want int, part string) {
		s.tb.Helper()
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			page, status := s.fetchText(method, link, url.Values{"_ticket": {"x"}, "meetings": {"5"}})
			if method == http.MethodGet {
				page, status = s.fetchText(method, link, nil)
			}
			if status != want || !strings.Contains(page, part) {
				s.tb.Errorf("%s, %s: %d, want %d and %q\n%.300s", name, method, status, want, part, page)
			}
		}
	}
	address := func(secret invitation.Secret, wave string) string {
		i := invitation.New(invitation.Personal, wave, "legal")
		return s.url + form.Path(i.Code(secret))
	}
	try("forged", unused[:len(unused)-3]+"AAA", http.StatusNotFound, "链接")
	try("of another service", address(invitation.NewSecret(), key), http.StatusNotFound, "链接")
	try("of another wave", address(s.surveySecret(), "1999Q1"), http.StatusNotFound, "找不到这次调查")
	page, status := s.fetchText(http.MethodGet, used, nil)
	if status != http.StatusGone || !strings.Contains(page, "此链接已经用过") {
		s.tb.Errorf("a used link: %d %.300s", status, page)
	}
	page, _ = s.fetchText(http.MethodGet, unused, nil)
	ticket := surveyTicket.FindStringSubmatch(page)
	if ticket == nil {
		s.tb.Fatalf("no form: %.300s", page)
	}
	page, status = s.fetchText(http.MethodPost, unused, url.Values{"_ticket": {ticket[1]}, "meetings": {"5"}, "improve": {strings.Repeat("x", 2<<20)}})
	if status != http.StatusRequestEntityTooLarge || !strings.Contains(page, "太长") {
		s.tb.Errorf("2 MB: %d %.300s", status, page)
	}
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
