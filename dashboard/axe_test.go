package dashboard

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/gin-gonic/gin"

	"example.com/officepulse/dashboard/browsertest"
)

// visits are addresses to see each page at, by its route. A page may have more
// than one look.
var visits = map[string][]string{
	"/":                                {"/?quarter=2026Q3", "/?quarter=2027Q2"},
	"/errors":                          {"/errors?quarter=2026Q3"},
	"/approvals":                       {"/approvals?quarter=2026Q3"},
	"/cases":                           {"/cases?quarter=2026Q3"},
	"/cases/:process/:case_id":         {"/cases/doc_approval/A-1"},
	"/definitions":                     {"/definitions"},
	"/satisfaction":                    {"/satisfaction", "/satisfaction?wave=2026Q3&text=%E4%BC%9A%E8%AE%AE", "/satisfaction?wave=2025Q4"},
	"/registers":                       {"/registers?quarter=2026Q3"},
	"/registers/:register":             {"/registers/supervision?quarter=2026Q3&figure=holding_kept&state=missed", "/registers/supervision?quarter=2026Q3"},
	"/warnings":                        {"/warnings", "/warnings?rule=p90_rising"},
	"/director/team":                   {"/director/team?quarter=2026Q3"},
	"/operations":                      {"/operations"},
	"/operations/replay":               {"/operations/replay"},
	"/operations/deadletters/:id":      {"/operations/deadletters/0000000000000001?done=1", "/operations/deadletters/0000000000000003"},
	"/surveys":                         {"/surveys?done=questionnaire"},
	"/surveys/waves/new":               {"/surveys/waves/new"},
	"/surveys/waves/:wave":             {"/surveys/waves/2026Q2", "/surveys/waves/2026Q3", "/surveys/waves/2026Q4"},
	"/surveys/waves/:wave/edit":        {"/surveys/waves/2026Q4/edit"},
	"/surveys/questionnaires/new":      {"/surveys/questionnaires/new"},
	"/surveys/questionnaires/:id/edit": {"/surveys/questionnaires/office_services.v1/edit"},
	"/targets":                         {"/targets", "/targets?state=all"},
	"/targets/new":                     {"/targets/new"},
	"/targets/:key":                    {"/targets/satisfaction?done=check_in", "/targets/error-rate"},
	"/targets/:key/edit":               {"/targets/error-rate/edit"},
	"/changes":                         {"/changes"},
	"/changes/new":                     {"/changes/new"},
	"/changes/:key":                    {"/changes/simplified?done=create", "/changes/soon"},
	"/changes/:key/edit":               {"/changes/simplified/edit"},
	"no route":                         {"/nowhere"},
	"no data":                          {"/"},
}

// downloads are routes that answer a reader with a file and not with a page.
var downloads = []string{"/operations/deadletters/:id/value", "/operations/files/audit", "/operations/files/deadletters", "/director/team/file", "/surveys/waves/:wave/links.csv", "/surveys/questionnaires/:id/file", "/surveys/waves/:wave/counts" /* a part of a page */, "/surveys/questionnaires/:id", "/surveys/waves/:wave/sheet" /* pages of surveys/form and surveys/qr */}

// TestEveryPageIsVisited fails when there is a page that the tests below do not see.
func TestEveryPageIsVisited(t *testing.T) {
	engine, ok := newOffice(t).Handler.(*gin.Engine)
	if !ok {
		t.Fatal("the router is no Engine")
	}
	for _, route := range engine.Routes() {
		if route.Method != http.MethodGet || strings.HasPrefix(route.Path, "/api/") || strings.HasPrefix(route.Path, "/static/") {
			continue
		}
		if visits[route.Path] == nil && !slices.Contains(downloads, route.Path) {
			t.Errorf("%s is a page that no test of accessibility visits; add it to visits", route.Path)
		}
	}
}

// addresses are where to see every page, on servers with and without data.
func addresses(t *testing.T) []string {
	t.Helper()
	full := httptest.NewServer(newOffice(t, someLetters()...))
	t.Cleanup(full.Close)
	empty := httptest.NewServer(testRouter(t, fake{}))
	t.Cleanup(empty.Close)
	answered, _ := surveyed(t)
	asked := httptest.NewServer(answered)
	t.Cleanup(asked.Close)
	var list []string
	for route, targets := range visits {
		for _, target := range targets {
			if route == "no data" {
				list = append(list, empty.URL+target)
				continue
			}
			if route == "/satisfaction" {
				list = append(list, asked.URL+target)
				continue
			}
			list = append(list, full.URL+target)
		}
	}
	slices.Sort(list)
	return slices.DeleteFunc(list, func(address string) bool { return !strings.Contains(address, *pagesOnly) })
}

func inLanguage(address, language string) string {
	if strings.Contains(address, "?") {
		return address + "&lang=" + language
	}
	return address + "?lang=" + language
}

// axeSource reads axe-core, which npm brings for tests only.
func axeSource(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "node_modules", "axe-core", "axe.min.js"))
	if err == nil {
		return string(source)
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("no axe-core: %v; run make assets", err)
	}
	t.Skipf("no axe-core: %v; run make assets", err)
	return ""
}

// finding is a rule of WCAG that a page breaks.
type finding struct {
	Rule string   `json:"rule"`
	Help string   `json:"help"`
	At   []string `json:"at"`
}

// judge asks axe-core for everything that the page breaks of WCAG 2.0, 2.1 and
// 2.2, levels A and AA.
const judge = `axe.run(document, {
	resultTypes: ["violations"],
	runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]},
}).then(r => window.axeFound = JSON.stringify(r.violations.map(v => ({
	rule: v.id, help: v.help, at: v.nodes.slice(0, 5).map(n => n.html.slice(0, 160) + " — " + (n.failureSummary || "").replace(/\s+/g, " ").slice(0, 240)),
})))); void 0`

func findings(ctx context.Context, t *testing.T, axe string) (list []finding) {
	t.Helper()
	browsertest.Evaluate[any](ctx, t, axe+"; void 0")
	browsertest.Evaluate[any](ctx, t, judge)
	browsertest.Until(ctx, t, `window.axeFound !== undefined`)
	if err := json.Unmarshal([]byte(browsertest.Evaluate[string](ctx, t, `window.axeFound`)), &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// settled is true once a page has drawn what it has to draw.
const settled = `document.readyState === "complete" && (document.querySelectorAll("[data-chart]").length === 0 || ` + browsertest.AllDrawn + `)`

// TestAxe looks at every page in both themes and languages, at the widths of a
// desk and of a phone, with everything that can be unfolded both closed and open.
func TestAxe(t *testing.T) {
	axe := axeSource(t)
	ctx := openBrowser(t)
	list := addresses(t)
	for _, theme := range []string{"light", "dark"} {
		for _, width := range []int64{1440, 390} {
			for i, address := range list {
				for _, language := range []string{"zh", "en"} {
					if testing.Short() && (i+len(theme)+len(language)+int(width))%3 != 0 {
						continue
					}
					browsertest.Do(ctx, t, chromedp.EmulateViewport(width, 900), chromedp.Navigate(inLanguage(address, language)))
					browsertest.Evaluate[any](ctx, t, fmt.Sprintf(
						`localStorage.setItem("officepulse-theme", %q); document.documentElement.setAttribute("data-bs-theme", %q)`, theme, theme))
					browsertest.Until(ctx, t, settled)
					found := findings(ctx, t, axe)
					browsertest.Evaluate[any](ctx, t, `delete window.axeFound; document.querySelectorAll("details").forEach(d => d.open = true)`)
					found = append(found, findings(ctx, t, axe)...)
					for _, f := range found {
						t.Errorf("%s %s %d px %s: %s (%s)\n\t%s", address, theme, width, language, f.Rule, f.Help, strings.Join(f.At, "\n\t"))
					}
				}
			}
		}
	}
}

// marks numbers what can be worked with and is there to be seen. Of radio
// buttons, the keyboard stops at one a group.
const marks = `[...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")].filter(e =>
	!e.disabled && e.type !== "hidden" && e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length > 0 &&
	!(e.type === "radio" && !e.checked) && !e.closest("[inert]")
).map((e, i) => { e.dataset.stop = i; return e.outerHTML.slice(0, 120); })`

// stop is where the focus is: its number, and whether it can be seen.
const stop = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body || e === document.documentElement) return {stop: -1, seen: true, html: ""};
	const style = getComputedStyle(e), box = e.getBoundingClientRect();
	const shown = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1 && box.width > 0 && box.height > 0 &&
		box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
	return {stop: Number(e.dataset.stop ?? -2), seen: shown, html: e.outerHTML.slice(0, 120)};
})()`

// focus is an answer to stop.
type focus struct {
	Stop int    `json:"stop"`
	Seen bool   `json:"seen"`
	HTML string `json:"html"`
}

// TestKeyboard walks through every page by Tab: each thing that can be worked
// with is reached, and where the focus is can be seen.
func TestKeyboard(t *testing.T) {
	ctx := openBrowser(t)
	for _, width := range []int64{1440, 390} {
		for _, address := range addresses(t) {
			browsertest.Do(ctx, t, chromedp.EmulateViewport(width, 900), chromedp.Navigate(inLanguage(address, "en")))
			browsertest.Until(ctx, t, settled)
			walk(ctx, t, fmt.Sprintf("%s at %d px", address, width))
		}
	}
}

func walk(ctx context.Context, t *testing.T, page string) {
	t.Helper()
	// The page glides to where the focus is; here it jumps, so that no time needs to pass.
	browsertest.Evaluate[any](ctx, t, `document.documentElement.style.scrollBehavior = "auto"`)
	there := browsertest.Evaluate[[]string](ctx, t, marks)
	reached := make([]bool, len(there))
	for range 4*len(there) + 20 { // a field of a date has several stops
		browsertest.Do(ctx, t, chromedp.KeyEvent(kb.Tab))
		at := browsertest.Evaluate[focus](ctx, t, stop)
		if at.Stop == -1 { // out at the end of the page
			break
		}
		if !at.Seen {
			t.Errorf("%s: the focus cannot be seen on %s", page, at.HTML)
		}
		if at.Stop >= 0 && at.Stop < len(reached) {
			reached[at.Stop] = true
		}
	}
	for i, ok := range reached {
		if !ok {
			t.Errorf("%s: the keyboard does not reach %s", page, there[i])
		}
	}
}

// TestSkipLink: the first Tab on a page offers to go past its head, and Enter goes there.
func TestSkipLink(t *testing.T) {
	ctx := openBrowser(t)
	for _, address := range addresses(t) {
		browsertest.Do(ctx, t, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(inLanguage(address, "en")))
		browsertest.Until(ctx, t, settled)
		browsertest.Do(ctx, t, chromedp.KeyEvent(kb.Tab))
		if !browsertest.Evaluate[bool](ctx, t, `document.activeElement.matches(".op-skip") && document.activeElement.getBoundingClientRect().top >= 0`) {
			t.Errorf("%s: the first stop is %s", address, browsertest.Evaluate[string](ctx, t, `document.activeElement.outerHTML.slice(0, 120)`))
			continue
		}
		browsertest.Do(ctx, t, chromedp.KeyEvent(kb.Enter))
		browsertest.Until(ctx, t, `document.activeElement.id === "main"`)
	}
}

// TestChartsSpeak: each chart has a description, and its figures in a table.
func TestChartsSpeak(t *testing.T) {
	ctx := openBrowser(t)
	charts := 0
	for _, address := range addresses(t) {
		browsertest.Do(ctx, t, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(inLanguage(address, "en")))
		browsertest.Until(ctx, t, settled)
		mute := browsertest.Evaluate[[]string](ctx, t, `[...document.querySelectorAll("[data-chart]")].filter(e => {
			const image = e.matches("[role=img]") ? e : e.querySelector("[role=img]");
			return !image || image.getAttribute("aria-label").trim().length < 20 || !e.closest("section").querySelector("table tbody tr");
		}).map(e => e.outerHTML.slice(0, 160))`)
		for _, chart := range mute {
			t.Errorf("%s: a chart without a description or a table: %s", address, chart)
		}
		charts += browsertest.Evaluate[int](ctx, t, `document.querySelectorAll("[data-chart]").length`)
	}
	if charts < 6 {
		t.Errorf("only %d charts were looked at", charts)
	}
}
