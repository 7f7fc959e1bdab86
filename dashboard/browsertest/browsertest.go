// Package browsertest opens pages in a real browser, headless Chromium, for
// tests: it runs steps, waits for conditions and collects what the browser
// complains about.
package browsertest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
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

// Start starts a headless Chromium with a profile of its own. Without one the
// test is skipped, but in CI it fails: there the browser is part of the promise.
func Start(t *testing.T) context.Context {
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

// Do runs steps within half a minute.
func Do(ctx context.Context, t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	limited, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(limited, steps...); err != nil {
		t.Fatal(err)
	}
}

// Evaluate returns the value of a JavaScript expression in the page.
func Evaluate[T any](ctx context.Context, t *testing.T, expression string) T {
	t.Helper()
	limited, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	value, err := chromedp.Run(limited, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// Until waits for an expression to become true in the page, or in the one that
// follows it: what is asked of a page that is being left is asked again.
func Until(ctx context.Context, t *testing.T, expression string) {
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

// AllDrawn is true in a page whose charts have all been drawn.
const AllDrawn = `document.querySelectorAll("[data-chart]").length > 0 &&
	[...document.querySelectorAll("[data-chart]")].every(e => e.querySelector("svg path"))`

// Complaints collects what a page must not do: log errors, break the policy,
// ask another host.
type Complaints struct {
	mu   sync.Mutex
	list []string
}

func (c *Complaints) add(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, fmt.Sprintf(format, args...))
}

// Watch begins to collect what the browser has to complain about; host is the
// only one that pages may ask.
func Watch(ctx context.Context, t *testing.T, host string) *Complaints {
	t.Helper()
	c := &Complaints{}
	Do(ctx, t, func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
			return chromedp.Void{}, err
		}
		_, err := chromedp.Call(ctx, cdplog.Enable, cdp.Empty{})
		return chromedp.Void{}, err
	})
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
	return c
}

// Report fails the test with every complaint so far.
func (c *Complaints) Report(t *testing.T) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.list {
		t.Error(w)
	}
}

// Choose picks an option of a select element as a person does, so that the page hears of it.
func Choose(ctx context.Context, t *testing.T, id, value string) {
	t.Helper()
	Evaluate[any](ctx, t, fmt.Sprintf(
		`{const s = document.getElementById(%q); s.value = %q; s.dispatchEvent(new Event("change", {bubbles: true}));}`, id, value))
}
