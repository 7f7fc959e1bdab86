package dashboard

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var screenshots = flag.String("screenshots", "", "folder to leave pictures of every page in")

// browser starts a headless Chromium with a profile of its own. Without one the
// test is skipped, but in CI it fails: there the browser is part of the promise.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("no Chromium on the PATH; install the package chromium")
		}
		t.Skip("no Chromium on the PATH; install the package chromium to run this test")
	}
	if missing := Missing(); len(missing) > 0 {
		t.Fatalf("run make assets first; missing: %v", missing)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, stop := chromedp.NewContext(allocator)
	t.Cleanup(stop)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return ctx
}

// do runs steps within half a minute.
func do(ctx context.Context, t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	limited, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(limited, steps...); err != nil {
		t.Fatal(err)
	}
}

func evaluate[T any](ctx context.Context, t *testing.T, expression string) T {
	t.Helper()
	limited, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	value, err := chromedp.Run(limited, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// until waits for an expression to become true in the page, or in the one that
// follows it: what is asked of a page that is being left is asked again.
func until(ctx context.Context, t *testing.T, expression string) {
	t.Helper()
	limited, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		_, err := chromedp.Run(limited, chromedp.Poll[bool](expression))
		if err == nil {
			return
		}
		left := strings.Contains(err.Error(), "navigated") || strings.Contains(err.Error(), "context with specified id")
		if limited.Err() != nil || !left {
			t.Fatalf("wait for %s: %v", expression, err)
		}
	}
}

const allDrawn = `document.querySelectorAll("[data-chart]").length > 0 &&
	[...document.querySelectorAll("[data-chart]")].every(e => e.querySelector("svg path"))`

// complaints collects what a page must not do: log errors, break the policy,
// ask another host.
type complaints struct {
	mu   sync.Mutex
	list []string
}

func (c *complaints) add(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, fmt.Sprintf(format, args...))
}

func (c *complaints) listen(ctx context.Context, t *testing.T, host string) {
	t.Helper()
	err := chromedp.Listen(ctx, func(ev any) {
		switch ev := ev.(type) {
		case *cdplog.EventEntryAdded:
			c.add("log: %s %s", ev.Entry.Level, ev.Entry.Text)
		case *runtime.EventConsoleAPICalled:
			c.add("console: %s %v", ev.Type, ev.Args)
		case *runtime.EventExceptionThrown:
			c.add("exception: %v", ev.ExceptionDetails)
		case *network.EventRequestWillBeSent:
			if u, err := url.Parse(ev.Request.URL); err != nil || (u.Host != host && u.Scheme != "data") {
				c.add("request to %s", ev.Request.URL)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("no folder given with -screenshots")
	}
	ctx := browser(t)
	full := httptest.NewServer(testRouter(t, fake{quarters: 8}))
	defer full.Close()
	empty := httptest.NewServer(testRouter(t, fake{}))
	defer empty.Close()
	broken := httptest.NewServer(testRouter(t, fake{quarters: 8, fail: errors.New("away")}))
	defer broken.Close()
	young := httptest.NewServer(testRouter(t, fake{quarters: 2}))
	defer young.Close()
	for name, address := range map[string]string{
		"overview": full.URL + "/?", "department": full.URL + "/?department=sales&process=meeting&clock=elapsed&",
		"absent": full.URL + "/?quarter=2027Q2&", "definitions": full.URL + "/definitions?", "empty": empty.URL + "/?", "error": broken.URL + "/?",
		"young": young.URL + "/?",
	} {
		for _, language := range []string{"zh", "en"} {
			for _, theme := range []string{"light", "dark"} {
				for _, width := range []int64{1440, 390} {
					do(ctx, t, chromedp.EmulateViewport(width, 900), chromedp.Navigate(address+"lang="+language))
					evaluate[any](ctx, t, fmt.Sprintf(`localStorage.setItem("officepulse-theme", %q)`, theme))
					do(ctx, t, chromedp.Reload())
					until(ctx, t, `document.querySelectorAll("[data-chart]").length === 0 || `+allDrawn)
					picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
					if err != nil {
						t.Fatal(err)
					}
					file := filepath.Join(*screenshots, fmt.Sprintf("%s-%s-%s-%d.png", name, language, theme, width))
					if err := os.WriteFile(file, picture, 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
}

// TestOverviewInABrowser walks through the page as a person would, and fails on
// any error in the console, any breach of the policy and any request to another
// host.
func TestOverviewInABrowser(t *testing.T) {
	ctx := browser(t)
	server := httptest.NewServer(testRouter(t, fake{quarters: 8}))
	defer server.Close()
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	var wrong complaints
	do(ctx, t, func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
			return chromedp.Void{}, err
		}
		_, err := chromedp.Call(ctx, cdplog.Enable, cdp.Empty{})
		return chromedp.Void{}, err
	})
	wrong.listen(ctx, t, address.Host)

	do(ctx, t, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(server.URL+"/?lang=zh"))
	until(ctx, t, allDrawn)
	if got := evaluate[int](ctx, t, `document.querySelectorAll("[data-drawn] svg").length`); got != 6 {
		t.Errorf("%d charts drawn, want 6", got)
	}
	if got := evaluate[[]string](ctx, t, textsOutside); len(got) > 0 {
		t.Errorf("cut off in a chart: %q", got)
	}

	// Another quarter, without loading the page again and without losing the place.
	evaluate[any](ctx, t, `window.sameDocument = true; window.scrollTo({top: 300, behavior: "instant"})`)
	choose(ctx, t, "filter-quarter", "2026Q1")
	until(ctx, t, `document.querySelector("h1").textContent.includes("2026年第一季度")`)
	until(ctx, t, allDrawn)
	if !evaluate[bool](ctx, t, `window.sameDocument === true && location.search.includes("quarter=2026Q1") && Math.abs(window.scrollY - 300) < 2`) {
		t.Errorf("changing the quarter lost the page, its URL or its place: %v",
			evaluate[string](ctx, t, `window.sameDocument + " " + location.search + " " + window.scrollY`))
	}
	if got := evaluate[string](ctx, t, `document.querySelector("[data-metric=error_rate] .op-value").textContent`); got != "6.5" {
		t.Errorf("error rate of 2026Q1: the page says %s", got)
	}

	// The other clock, then back by the browser's button.
	choose(ctx, t, "filter-clock", "elapsed")
	until(ctx, t, `location.search.includes("clock=elapsed") && document.querySelector("[data-metric=lead_time] .op-unit").textContent === "自然日"`)
	evaluate[any](ctx, t, `history.back()`)
	until(ctx, t, `!location.search.includes("clock=") && document.querySelector("[data-metric=lead_time] .op-unit")?.textContent === "工作日"`)
	until(ctx, t, allDrawn)

	// The other language keeps the quarter.
	do(ctx, t, chromedp.Click("#language"))
	until(ctx, t, `document.documentElement.lang === "en" && document.querySelector("h1").textContent.includes("Q1 2026")`)
	until(ctx, t, allDrawn)

	// Dark is remembered and applied before anything is painted.
	do(ctx, t, chromedp.Click("#theme"), chromedp.Reload())
	if got := evaluate[string](ctx, t, `document.documentElement.getAttribute("data-bs-theme")`); got != "dark" {
		t.Errorf("after a reload the page is %s", got)
	}

	for _, width := range []int64{360, 390, 768, 1440} {
		for _, path := range []string{"/?lang=zh", "/?lang=en&process=meeting&clock=elapsed", "/definitions?lang=en", "/?lang=zh&quarter=2027Q2"} {
			do(ctx, t, chromedp.EmulateViewport(width, 800), chromedp.Navigate(server.URL+path))
			if got := evaluate[int64](ctx, t, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%s is %d px wide at %d px", path, got, width)
			}
		}
	}
	wrong.mu.Lock()
	defer wrong.mu.Unlock()
	for _, w := range wrong.list {
		t.Error(w)
	}
}

// choose picks an option as a person does, so that the page hears of it.
func choose(ctx context.Context, t *testing.T, id, value string) {
	t.Helper()
	evaluate[any](ctx, t, fmt.Sprintf(
		`{const s = document.getElementById(%q); s.value = %q; s.dispatchEvent(new Event("change", {bubbles: true}));}`, id, value))
}

// textsOutside lists labels that reach beyond their chart.
const textsOutside = `[...document.querySelectorAll("[data-chart] svg")].flatMap(svg => {
	const box = svg.getBoundingClientRect();
	return [...svg.querySelectorAll("text")].filter(text => {
		const r = text.getBoundingClientRect();
		return r.width > 0 && (r.left < box.left - 1 || r.right > box.right + 1 || r.top < box.top - 1 || r.bottom > box.bottom + 1);
	}).map(text => text.textContent);
})`
