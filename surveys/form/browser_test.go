package form_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"example.com/officepulse/dashboard/browsertest"
	"example.com/officepulse/surveys/invitation"
)

var screenshots = flag.String("screenshots", "", "directory to put pictures of the form into")

const phone = 360

func open(ctx context.Context, t *testing.T, width int64, address string) {
	t.Helper()
	browsertest.Do(ctx, t, chromedp.EmulateViewport(width, 740), chromedp.Navigate(address))
	browsertest.Until(ctx, t, `document.readyState === "complete"`)
}

func picture(ctx context.Context, t *testing.T, name string) {
	t.Helper()
	if *screenshots == "" {
		return
	}
	shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(90))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*screenshots, name+".jpg"), shot, 0o600); err != nil {
		t.Fatal(err)
	}
}

func host(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

const visible = `(id => !document.getElementById(id).hidden)`

// With a script: only what is to be asked is there, the draft outlives the page,
// faults are announced, and the draft is gone once the answer is safe.
func TestFormWithScript(t *testing.T) {
	o := newOffice(t)
	w := o.open("2026Q4", every(t), true)
	ctx := browsertest.Start(t)
	complaints := browsertest.Watch(ctx, t, host(t, o.url))
	link := o.link(invitation.Department, w, "sales") + "?lang=en"
	open(ctx, t, phone, link)
	if browsertest.Evaluate[bool](ctx, t, visible+`("q-why") || `+visible+`("q-which_seal")`) {
		t.Error("questions are asked before their conditions hold")
	}
	if got := browsertest.Evaluate[string](ctx, t, `document.getElementById("progress-text").textContent`); got != "0 of 7 answered" {
		t.Errorf("progress: %q", got)
	}
	if wide := browsertest.Evaluate[int](ctx, t, `document.documentElement.scrollWidth`); wide > phone {
		t.Errorf("the form is %d px wide on a phone of %d", wide, phone)
	}
	picture(ctx, t, "form-every-en-360")
	browsertest.Do(ctx, t,
		chromedp.Click(chromedp.CSS(`[data-chip="40"]`)),
		chromedp.Click(chromedp.CSS(`#q-speed [value="4"]`)),
		chromedp.Click(chromedp.CSS(`#q-uses [value="seal"]`)),
		chromedp.SendKeys(chromedp.CSS(`#f-why`), "<script>alert(1)</script>"))
	browsertest.Until(ctx, t, visible+`("q-why") && `+visible+`("q-which_seal") && document.getElementById("progress-text").textContent === "4 of 9 answered"`)

	open(ctx, t, phone, link) // the page is left and opened again: another form, the draft of the first
	browsertest.Until(ctx, t, `document.getElementById("f-overall").value === "40" && document.querySelector("#q-speed [value='4']").checked && `+visible+`("q-why") && document.getElementById("f-why").value.includes("script")`)
	complaints.Report(t) // before the answer 422, which the browser complains of as well
	browsertest.Do(ctx, t, chromedp.Click(chromedp.CSS(`button[type=submit]`)))
	browsertest.Until(ctx, t, `document.activeElement.id === "faults" && document.querySelectorAll("#faults li").length === 1`)
	picture(ctx, t, "form-faults-en-360")
	browsertest.Do(ctx, t, chromedp.Click(chromedp.CSS(`#faults a`)))
	browsertest.Until(ctx, t, `location.hash === "#q-why"`)
	browsertest.Evaluate[any](ctx, t, `{const f = document.getElementById("f-why"); f.value = "<script>x"; f.dispatchEvent(new Event("input", {bubbles: true}));}`)
	browsertest.Do(ctx, t, chromedp.Click(chromedp.CSS(`button[type=submit]`)))
	browsertest.Until(ctx, t, `document.querySelector("[data-done]") && localStorage.length === 0 && document.activeElement.tagName === "H1"`)
	picture(ctx, t, "thanks-en-360")
	got := o.answers(w, 1)[0]
	if got.Texts["why"] != "<script>x" || got.Numbers["overall"] != 40 {
		t.Errorf("stored: %+v", got)
	}
}

// The clear button forgets what was filled in, on a phone that others use too.
func TestDraftIsCleared(t *testing.T) {
	o := newOffice(t)
	w := o.open("2026Q4", template(t), true)
	ctx := browsertest.Start(t)
	link := o.link(invitation.Personal, w, "sales") + "?lang=zh"
	open(ctx, t, phone, link)
	picture(ctx, t, "form-zh-360")
	browsertest.Do(ctx, t, chromedp.Click(chromedp.CSS(`#q-meetings [value="2"]`)))
	browsertest.Until(ctx, t, `localStorage.length === 1 && !document.querySelector("[data-draft-note]").hidden`)
	if key := browsertest.Evaluate[string](ctx, t, `localStorage.key(0) + localStorage.getItem(localStorage.key(0))`); strings.Contains(key, strings.TrimPrefix(link, o.url+"/s/")[:20]) {
		t.Error("the draft holds the link")
	}
	browsertest.Evaluate[any](ctx, t, `window.confirm = () => true`)
	browsertest.Do(ctx, t, chromedp.Click(chromedp.CSS(`[data-clear]`)))
	browsertest.Until(ctx, t, `localStorage.length === 0 && !document.querySelector("#q-meetings :checked")`)
	open(ctx, t, phone, link)
	if browsertest.Evaluate[bool](ctx, t, `document.querySelector(":checked") !== null`) {
		t.Error("the draft is back")
	}
}

// Without a script every question is there with its condition, and the server
// decides what was asked.
func TestFormWithoutScript(t *testing.T) {
	o := newOffice(t)
	w := o.open("2026Q4", every(t), true)
	ctx := browsertest.Start(t)
	browsertest.Do(ctx, t, func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	})
	link := o.link(invitation.Personal, w, "sales") + "?lang=en"
	browsertest.Do(ctx, t, chromedp.EmulateViewport(phone, 740), chromedp.Navigate(link),
		chromedp.WaitVisible(chromedp.CSS(`#q-why .if`)), chromedp.WaitVisible(chromedp.CSS(`#q-which_seal`)))
	picture(ctx, t, "form-noscript-en-360")
	browsertest.Do(ctx, t,
		chromedp.SendKeys(chromedp.CSS(`#f-overall`), "90"),
		chromedp.SendKeys(chromedp.CSS(`#f-why`), "not asked"),
		chromedp.Click(chromedp.CSS(`button[type=submit]`)),
		chromedp.WaitVisible(chromedp.CSS(`#faults`)),
		chromedp.Click(chromedp.CSS(`#q-speed [value="5"]`)),
		chromedp.Click(chromedp.CSS(`button[type=submit]`)),
		chromedp.WaitVisible(chromedp.CSS(`main.say`)))
	got := o.answers(w, 1)[0]
	if sortedKeys(got.Numbers) != "[overall speed]" || len(got.Texts) != 0 {
		t.Errorf("stored: %+v", got)
	}
}

// On a slow phone the form is there within a second of asking for it: with a quarter
// of this machine's processor, behind a network that takes 562 ms for a round trip
// and brings 180 kB a second (what DevTools calls slow 4G). This machine may be busy
// with something else, so the best of some attempts counts.
func TestFirstPaint(t *testing.T) {
	o := newOffice(t)
	w := o.open("2026Q4", template(t), true)
	ctx := browsertest.Start(t)
	browsertest.Do(ctx, t, func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		if _, err := chromedp.Call(ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: 4}); err != nil {
			return chromedp.Void{}, err
		}
		if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
			return chromedp.Void{}, err
		}
		_, err := chromedp.Call(ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Latency: 562.5, DownloadThroughput: 180_000, UploadThroughput: 84_375}},
		})
		return chromedp.Void{}, err
	})
	const limit, attempts = 1000, 10
	best := math.Inf(1)
	for range attempts {
		open(ctx, t, phone, o.link(invitation.Personal, w, "sales"))
		browsertest.Until(ctx, t, `performance.getEntriesByName("first-contentful-paint").length > 0`)
		best = min(best, browsertest.Evaluate[float64](ctx, t, `performance.getEntriesByName("first-contentful-paint")[0].startTime`))
		if best <= limit {
			break
		}
	}
	t.Logf("first paint after %.0f ms, processor and network slowed", best)
	if best > limit {
		t.Errorf("first paint after %.0f ms", best)
	}
}

const judge = `axe.run(document, {resultTypes: ["violations"], runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]}})
	.then(r => window.axeFound = JSON.stringify(r.violations.map(v => v.id + " (" + v.help + "): " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(" | ")))); void 0`

// TestAxe finds nothing on any page that a link leads to, light and dark.
func TestAxe(t *testing.T) {
	source, err := os.ReadFile(filepath.Join("..", "..", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no axe-core: %v; run make assets", err)
		}
		t.Skipf("no axe-core: %v; run make assets", err)
	}
	o := newOffice(t)
	w := o.open("2026Q4", every(t), true)
	ctx := browsertest.Start(t)
	look := func(name string) {
		t.Helper()
		browsertest.Evaluate[any](ctx, t, string(source)+"; void 0")
		browsertest.Evaluate[any](ctx, t, `delete window.axeFound; `+judge)
		browsertest.Until(ctx, t, `window.axeFound !== undefined`)
		var found []string
		if err := json.Unmarshal([]byte(browsertest.Evaluate[string](ctx, t, `window.axeFound`)), &found); err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			t.Errorf("%s: %s", name, f)
		}
		picture(ctx, t, name)
	}
	for _, scheme := range []string{"light", "dark"} {
		browsertest.Do(ctx, t, func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
			_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
			return chromedp.Void{}, err
		})
		for _, language := range []string{"zh", "en"} {
			link := o.link(invitation.Department, w, "sales")
			open(ctx, t, phone, link+"?lang="+language)
			look(fmt.Sprintf("form-%s-%s", scheme, language))
			browsertest.Do(ctx, t, chromedp.Click(chromedp.CSS(`button[type=submit]`)))
			browsertest.Until(ctx, t, `document.activeElement.id === "faults"`)
			look(fmt.Sprintf("faults-%s-%s", scheme, language))
			open(ctx, t, phone, o.url+"/s/nothing?lang="+language)
			look(fmt.Sprintf("forged-%s-%s", scheme, language))
		}
	}
}
