package dashboard

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"example.com/officepulse/dashboard/browsertest"
	"example.com/officepulse/ingest/delivery"
)

var (
	screenshots   = flag.String("screenshots", "", "folder to leave pictures of every page in")
	pagesOnly     = flag.String("pages", "", "part of the addresses that the tests of accessibility and pictures are to look at, to save time; all when empty")
	screenshotsOf = flag.String("screenshots-of", "", "page of a running server to picture, instead of pages with made-up figures")
)

// openBrowser starts a browser for pages that have all their files.
func openBrowser(t *testing.T) context.Context {
	t.Helper()
	if missing := Missing(); len(missing) > 0 {
		t.Fatalf("run make assets first; missing: %v", missing)
	}
	return browsertest.Start(t)
}

func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("no folder given with -screenshots")
	}
	ctx := openBrowser(t)
	if *screenshotsOf != "" {
		address, err := url.Parse(*screenshotsOf)
		if err != nil {
			t.Fatal(err)
		}
		query := address.Query()
		query.Del("lang")
		address.RawQuery = query.Encode()
		picture(ctx, t, "page", address.String()+map[bool]string{true: "?", false: "&"}[address.RawQuery == ""])
		return
	}
	full := httptest.NewServer(testRouter(t, fake{quarters: 8}))
	defer full.Close()
	empty := httptest.NewServer(testRouter(t, fake{}))
	defer empty.Close()
	broken := httptest.NewServer(testRouter(t, fake{quarters: 8, fail: errors.New("away")}))
	defer broken.Close()
	young := httptest.NewServer(testRouter(t, fake{quarters: 2}))
	defer young.Close()
	delivered := httptest.NewServer(newOffice(t, someLetters()...))
	defer delivered.Close()
	troubled := httptest.NewServer(troubledOffice(t))
	defer troubled.Close()
	analysed := httptest.NewServer(testRouter(t, storied{fake{quarters: 8}}))
	defer analysed.Close()
	answered, _ := surveyed(t)
	asked := httptest.NewServer(answered)
	defer asked.Close()
	for name, address := range map[string]string{
		"warnings": delivered.URL + "/warnings?", "overview-warned": delivered.URL + "/?",
		"registers": full.URL + "/registers?", "register": full.URL + "/registers/supervision?quarter=2026Q3&", "team": full.URL + "/director/team?",
		"satisfaction": asked.URL + "/satisfaction?", "satisfaction-none": full.URL + "/satisfaction?",
		"targets": delivered.URL + "/targets?", "target": delivered.URL + "/targets/error-rate?", "changes": delivered.URL + "/changes?", "change": delivered.URL + "/changes/simplified?", "change-new": delivered.URL + "/changes/new?",
		"target-new": delivered.URL + "/targets/new?",
		"operations": delivered.URL + "/operations?", "operations-wrong": troubled.URL + "/operations?", "operations-none": full.URL + "/operations?",
		"letter": delivered.URL + "/operations/deadletters/0000000000000001?", "letter-binary": delivered.URL + "/operations/deadletters/0000000000000003?",
		"letter-acts": troubled.URL + "/operations/deadletters/0000000000000001?done=1&", "replay": delivered.URL + "/operations/replay?",
		"overview": full.URL + "/?", "department": full.URL + "/?department=sales&process=meeting&clock=elapsed&",
		"absent": full.URL + "/?quarter=2027Q2&", "definitions": full.URL + "/definitions?", "empty": empty.URL + "/?", "error": broken.URL + "/?", "nowhere": full.URL + "/nowhere?",
		"young":  young.URL + "/?",
		"errors": analysed.URL + "/errors?", "approvals": analysed.URL + "/approvals?", "cases": analysed.URL + "/cases?", "case": analysed.URL + "/cases/doc_approval/DOC-1?",
	} {
		if !strings.Contains(address, *pagesOnly) {
			continue
		}
		picture(ctx, t, name, address)
	}
}

// picture leaves pictures of a page in both languages and themes and at the
// widths of a desk, a tablet and a phone; the address ends in ? or &.
func picture(ctx context.Context, t *testing.T, name, address string) {
	t.Helper()
	for _, language := range []string{"zh", "en"} {
		for _, theme := range []string{"light", "dark"} {
			for _, width := range []int64{1440, 768, 390} {
				browsertest.Do(ctx, t, chromedp.EmulateViewport(width, 900), chromedp.Navigate(address+"lang="+language))
				browsertest.Evaluate[any](ctx, t, fmt.Sprintf(`localStorage.setItem("officepulse-theme", %q)`, theme))
				browsertest.Do(ctx, t, chromedp.Reload())
				browsertest.Until(ctx, t, `document.querySelectorAll("[data-chart]").length === 0 || `+browsertest.AllDrawn)
				image, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
				if err != nil {
					t.Fatal(err)
				}
				file := filepath.Join(*screenshots, fmt.Sprintf("%s-%s-%s-%d.png", name, language, theme, width))
				if err := os.WriteFile(file, image, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// TestOverviewInABrowser walks through the page as a person would, and fails on
// any error in the console, any breach of the policy and any request to another
// host.
func TestOverviewInABrowser(t *testing.T) {
	ctx := openBrowser(t)
	server := httptest.NewServer(testRouter(t, fake{quarters: 8}))
	defer server.Close()
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	wrong := browsertest.Watch(ctx, t, address.Host)

	browsertest.Do(ctx, t, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(server.URL+"/?lang=zh"))
	browsertest.Until(ctx, t, browsertest.AllDrawn)
	if got := browsertest.Evaluate[int](ctx, t, `document.querySelectorAll("[data-drawn] svg").length`); got != 6 {
		t.Errorf("%d charts drawn, want 6", got)
	}
	if got := browsertest.Evaluate[[]string](ctx, t, textsOutside); len(got) > 0 {
		t.Errorf("cut off in a chart: %q", got)
	}

	// Another quarter, without loading the page again and without losing the place.
	browsertest.Evaluate[any](ctx, t, `window.sameDocument = true; window.scrollTo({top: 300, behavior: "instant"})`)
	browsertest.Choose(ctx, t, "filter-quarter", "2026Q1")
	browsertest.Until(ctx, t, `document.querySelector("h1").textContent.includes("2026年第一季度")`)
	browsertest.Until(ctx, t, browsertest.AllDrawn)
	if !browsertest.Evaluate[bool](ctx, t, `window.sameDocument === true && location.search.includes("quarter=2026Q1") && Math.abs(window.scrollY - 300) < 2`) {
		t.Errorf("changing the quarter lost the page, its URL or its place: %v",
			browsertest.Evaluate[string](ctx, t, `window.sameDocument + " " + location.search + " " + window.scrollY`))
	}
	if got := browsertest.Evaluate[string](ctx, t, `document.querySelector("[role=status]").textContent`); got != "2026年第一季度" {
		t.Errorf("after the change is announced: %q", got)
	}
	if got := browsertest.Evaluate[string](ctx, t, `document.querySelector("[data-metric=error_rate] .op-value").textContent`); got != "6.5" {
		t.Errorf("error rate of 2026Q1: the page says %s", got)
	}

	// The other clock, then back by the browser's button.
	browsertest.Choose(ctx, t, "filter-clock", "elapsed")
	browsertest.Until(ctx, t, `location.search.includes("clock=elapsed") && document.querySelector("[data-metric=lead_time] .op-unit").textContent === " 自然日"`)
	browsertest.Evaluate[any](ctx, t, `history.back()`)
	browsertest.Until(ctx, t, `!location.search.includes("clock=") && document.querySelector("[data-metric=lead_time] .op-unit")?.textContent === " 工作日"`)
	browsertest.Until(ctx, t, browsertest.AllDrawn)

	// The other language keeps the quarter.
	browsertest.Do(ctx, t, chromedp.Click("#language"))
	browsertest.Until(ctx, t, `document.documentElement.lang === "en" && document.querySelector("h1").textContent.includes("Q1 2026")`)
	browsertest.Until(ctx, t, browsertest.AllDrawn)

	// Dark is remembered and applied before anything is painted.
	browsertest.Do(ctx, t, chromedp.Click("#theme"), chromedp.Reload())
	if got := browsertest.Evaluate[string](ctx, t, `document.documentElement.getAttribute("data-bs-theme")`); got != "dark" {
		t.Errorf("after a reload the page is %s", got)
	}

	for _, width := range []int64{360, 390, 768, 1440} {
		for _, path := range []string{"/?lang=zh", "/?lang=en&process=meeting&clock=elapsed", "/definitions?lang=en", "/?lang=zh&quarter=2027Q2"} {
			browsertest.Do(ctx, t, chromedp.EmulateViewport(width, 800), chromedp.Navigate(server.URL+path))
			if got := browsertest.Evaluate[int64](ctx, t, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%s is %d px wide at %d px", path, got, width)
			}
		}
	}
	wrong.Report(t)
}

// TestAnalysesInABrowser asks the way an office director would: compares, narrows
// down, opens the cases behind a mark and one of them, changes the language, and
// does the same on a phone.
func TestAnalysesInABrowser(t *testing.T) {
	ctx := openBrowser(t)
	server := httptest.NewServer(testRouter(t, storied{fake{quarters: 8}}))
	defer server.Close()
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	wrong := browsertest.Watch(ctx, t, address.Host)

	// Another period to compare with, without loading the page again.
	browsertest.Do(ctx, t, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(server.URL+"/errors?quarter=2026Q3&lang=zh"))
	browsertest.Until(ctx, t, browsertest.AllDrawn)
	if got := browsertest.Evaluate[[]string](ctx, t, textsOutside); len(got) > 0 {
		t.Errorf("cut off in a chart: %q", got)
	}
	browsertest.Evaluate[any](ctx, t, `window.sameDocument = true`)
	browsertest.Choose(ctx, t, "filter-before", "previous")
	browsertest.Until(ctx, t, `document.querySelector(".op-heading").textContent.includes("与2026年第二季度对比")`)
	browsertest.Until(ctx, t, browsertest.AllDrawn) // the new page is wired up by then
	browsertest.Choose(ctx, t, "filter-class", "core")
	browsertest.Until(ctx, t, `location.search.includes("before=previous") && location.search.includes("class=core") && window.sameDocument === true`)
	browsertest.Until(ctx, t, browsertest.AllDrawn)

	// Days of one's own choice: nothing happens before both ends are there.
	setDay := `{const i = document.getElementById(%q); i.value = %q; i.dispatchEvent(new Event("change", {bubbles: true}));}`
	browsertest.Evaluate[any](ctx, t, fmt.Sprintf(setDay, "filter-from", "2026-07-01"))
	browsertest.Evaluate[any](ctx, t, fmt.Sprintf(setDay, "filter-through", "2026-09-30"))
	browsertest.Until(ctx, t, `document.querySelector("h1").textContent.includes("2026-07-01 至 2026-09-30") && !location.search.includes("quarter=")`)
	browsertest.Until(ctx, t, browsertest.AllDrawn)
	browsertest.Choose(ctx, t, "filter-quarter", "2026Q3")
	browsertest.Until(ctx, t, `document.querySelector("h1").textContent.includes("2026年第三季度") && !location.search.includes("from=")`)
	browsertest.Until(ctx, t, browsertest.AllDrawn)

	// The other language keeps every filter.
	browsertest.Do(ctx, t, chromedp.Click("#language"))
	browsertest.Until(ctx, t, `document.documentElement.lang === "en" && location.search.includes("before=previous") && location.search.includes("class=core") && location.search.includes("quarter=2026Q3")`)
	browsertest.Until(ctx, t, browsertest.AllDrawn)

	// A mark of a chart opens its cases, and a case its course.
	browsertest.Evaluate[any](ctx, t, `document.querySelector("#kinds .op-chart").scrollIntoView({behavior: "instant", block: "center"})`)
	mark := browsertest.Evaluate[[]float64](ctx, t, `(() => {
		const bar = [...document.querySelectorAll("#kinds .op-chart svg path")].find(p => p.getAttribute("fill") === "var(--op-accent)").getBoundingClientRect();
		return [bar.x + bar.width / 2, bar.y + bar.height / 2];
	})()`)
	browsertest.Do(ctx, t, chromedp.MouseClickXY(mark[0], mark[1]))
	browsertest.Until(ctx, t, `location.pathname === "/cases" && location.search.includes("about=faults") && location.search.includes("kind=wrong_format") && document.querySelector("h1").textContent.includes("137")`)
	list := browsertest.Evaluate[string](ctx, t, `location.href`)
	browsertest.Do(ctx, t, chromedp.Click(".op-list tbody a"))
	browsertest.Until(ctx, t, `location.pathname === "/cases/doc_approval/DOC-2026-0001" && document.querySelectorAll(".op-visits tbody tr").length === 3`)
	browsertest.Do(ctx, t, chromedp.Navigate(list), chromedp.Click(".op-eyebrow a"))
	browsertest.Until(ctx, t, `location.pathname === "/errors" && location.search.includes("quarter=2026Q3")`)

	// On a phone the filters are a sheet, which stays open while they are set.
	browsertest.Do(ctx, t, chromedp.EmulateViewport(390, 800), chromedp.Navigate(server.URL+"/approvals?quarter=2026Q3&lang=en"))
	browsertest.Until(ctx, t, browsertest.AllDrawn)
	if browsertest.Evaluate[bool](ctx, t, `document.getElementById("filters").checkVisibility()`) {
		t.Error("on a phone the filters stand in the page before anyone asks for them")
	}
	browsertest.Do(ctx, t, chromedp.Click(".op-sheet-open"))
	browsertest.Until(ctx, t, `document.getElementById("filters").matches(":popover-open")`)
	browsertest.Choose(ctx, t, "filter-clock", "elapsed")
	browsertest.Until(ctx, t, `location.search.includes("clock=elapsed") && document.querySelector("[data-metric=median] .op-unit").textContent === " calendar days" && document.getElementById("filters").matches(":popover-open")`)
	browsertest.Do(ctx, t, chromedp.Click(".op-sheet-close"))
	browsertest.Until(ctx, t, `!document.getElementById("filters").matches(":popover-open")`)

	for _, width := range []int64{360, 390, 768, 1440} {
		for _, path := range []string{"/errors?lang=en", "/approvals?lang=zh&bucket=month", "/cases?lang=en&about=faults", "/cases/doc_approval/DOC-1?lang=en", "/?lang=en"} {
			browsertest.Do(ctx, t, chromedp.EmulateViewport(width, 800), chromedp.Navigate(server.URL+path))
			if !strings.HasPrefix(path, "/cases") {
				browsertest.Until(ctx, t, browsertest.AllDrawn)
			}
			if got := browsertest.Evaluate[int64](ctx, t, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%s is %d px wide at %d px", path, got, width)
			}
			if got := browsertest.Evaluate[[]string](ctx, t, textsOutside); len(got) > 0 {
				t.Errorf("%s at %d px: cut off in a chart: %.60q", path, width, got)
			}
		}
	}
	wrong.Report(t)
}

// troubledOffice is one in which what can go wrong has gone wrong.
func troubledOffice(t *testing.T) *office {
	t.Helper()
	o := newOffice(t, badLetter(1))
	o.way.audit.Partitions[1].Missing, o.way.audit.Partitions[1].DuplicatedVisibly = 12, 3
	o.way.list = []delivery.Trouble{
		{Topic: "officepulse.task.v1", Partition: 1, Step: "insert", Since: testNow.Add(-time.Hour), Attempts: 361, Blocked: true, Reason: "insert 20000 events: code: 243, message: Cannot reserve 1.00 MiB, not enough space"},
		{Partition: -1, Step: "join", Since: testNow.Add(-time.Minute), Attempts: 4, Reason: "join the consumer group officepulse-sink: connection refused"},
	}
	o.post("/operations/deadletters/0000000000000001/check", url.Values{"text": {badText}, "reason": {"typing error"}})
	return o
}

// TestOperationsInABrowser looks whether long and hostile messages break the
// layout or the policy at any width.
func TestOperationsInABrowser(t *testing.T) {
	ctx := openBrowser(t)
	letters := append(someLetters(), filed(9, delivery.Invalid, strings.Repeat("w", 2000), strings.Repeat("w", 900)))
	letters[8].Place.Topic, letters[8].Key = strings.Repeat("t", 249), strings.Repeat("k", 500)
	for name, office := range map[string]*office{"letters": newOffice(t, letters...), "troubles": troubledOffice(t)} {
		server := httptest.NewServer(office)
		defer server.Close()
		address, err := url.Parse(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		wrong := browsertest.Watch(ctx, t, address.Host)
		paths := []string{"/operations", "/operations/replay"}
		for _, l := range office.keeper.letters {
			paths = append(paths, letterPath(l.ID)+"?done=1")
		}
		for _, path := range paths {
			for _, width := range []int64{360, 390, 768, 1440} {
				browsertest.Do(ctx, t, chromedp.EmulateViewport(width, 800), chromedp.Navigate(server.URL+path))
				if got := browsertest.Evaluate[int64](ctx, t, `document.documentElement.scrollWidth`); got > width {
					t.Errorf("%s: %s is %d px wide at %d px", name, path, got, width)
				}
			}
		}
		wrong.Report(t)
	}
}

// TestStrangeKeysInABrowser looks whether long and hostile keys break the layout,
// a chart or the policy.
func TestStrangeKeysInABrowser(t *testing.T) {
	ctx := openBrowser(t)
	server := httptest.NewServer(testRouter(t, strangers{fake{quarters: 8}}))
	defer server.Close()
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	wrong := browsertest.Watch(ctx, t, address.Host)
	for _, key := range strangeKeys {
		for _, width := range []int64{360, 768, 1440} {
			to := server.URL + "/?lang=en&process=" + url.QueryEscape(key) + "&department=" + url.QueryEscape(key)
			browsertest.Do(ctx, t, chromedp.EmulateViewport(width, 800), chromedp.Navigate(to))
			browsertest.Until(ctx, t, browsertest.AllDrawn)
			if got := browsertest.Evaluate[int64](ctx, t, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%.20s: the page is %d px wide at %d px", key, got, width)
			}
			if got := browsertest.Evaluate[[]string](ctx, t, textsOutside); len(got) > 0 {
				t.Errorf("%.20s: cut off in a chart at %d px: %.60q", key, width, got)
			}
		}
	}
	wrong.Report(t)
}

// textsOutside lists labels that reach beyond their chart.
const textsOutside = `[...document.querySelectorAll("[data-chart] svg")].flatMap(svg => {
	const box = svg.getBoundingClientRect();
	return [...svg.querySelectorAll("text")].filter(text => {
		const r = text.getBoundingClientRect();
		return r.width > 0 && (r.left < box.left - 1 || r.right > box.right + 1 || r.top < box.top - 1 || r.bottom > box.bottom + 1);
	}).map(text => text.textContent);
})`
