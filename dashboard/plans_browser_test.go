package dashboard

import (
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"

	"example.com/officepulse/dashboard/browsertest"
)

// TestPlansInABrowser sets a target and records a change as a person would, also
// with what is wrong at first, and fails on any error in the console.
func TestPlansInABrowser(t *testing.T) {
	ctx := openBrowser(t)
	server := httptest.NewServer(newOffice(t))
	defer server.Close()
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	fill := func(name, value string) chromedp.Action[chromedp.Void] {
		return chromedp.SetValue(`main [name="`+name+`"]`, value)
	}

	browsertest.Do(ctx, t, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(server.URL+"/targets?lang=en"), chromedp.Click(`a[href="/targets/new"]`))
	browsertest.Until(ctx, t, `document.querySelector("h1").textContent === "New target"`)
	browsertest.Do(ctx, t, fill("name_en", "Meetings in two days"), fill("process", "meeting"), fill("from", "2025-07-01"), fill("through", "2025-09-30"),
		fill("goal", "9"), fill("start", "2026Q4"), fill("due", "2027Q1"), fill("owner", "Ms Li"), fill("reason", "agreed"), chromedp.Click(`#target-form button`))
	browsertest.Until(ctx, t, `document.querySelector("#problems a")?.getAttribute("href") === "#f-goal"`)
	wrong := browsertest.Watch(ctx, t, address.Host) // from here on: a refusal (422) is an error to the console
	browsertest.Do(ctx, t, fill("goal", "0.5"), chromedp.Click(`#target-form button`))
	browsertest.Until(ctx, t, `location.pathname === "/targets/meetings-in-two-days" && document.querySelector("[role=status].op-flash") !== null`)
	browsertest.Until(ctx, t, browsertest.AllDrawn)
	browsertest.Do(ctx, t, fill("comment", "the rooms are booked"), chromedp.Click(`#check-in button`))
	browsertest.Until(ctx, t, `document.querySelector("main").textContent.includes("the rooms are booked")`)

	browsertest.Do(ctx, t, chromedp.Navigate(server.URL+"/changes/new?lang=en"))
	browsertest.Do(ctx, t, fill("name_en", "One signature less"), fill("what", "the department head signs"), fill("from", "2026-03-02"), chromedp.Click(`#change-form button`))
	// The browser itself asks for the reason that is missing.
	browsertest.Until(ctx, t, `document.querySelector("[name=reason]:invalid") !== null && location.pathname === "/changes/new"`)
	browsertest.Do(ctx, t, fill("reason", "decided"), chromedp.Click(`#change-form button`))
	browsertest.Until(ctx, t, `location.pathname === "/changes/one-signature-less" && document.querySelector("#verdict-1 strong").textContent.includes("fell by")`)
	browsertest.Until(ctx, t, browsertest.AllDrawn)
	// From then on it is marked on the charts.
	browsertest.Do(ctx, t, chromedp.Navigate(server.URL+"/approvals?lang=en&bucket=month&quarter=2026Q3"))
	browsertest.Until(ctx, t, browsertest.AllDrawn)
	if !browsertest.Evaluate[bool](ctx, t, `document.querySelector("#trend-data").textContent.includes("2 changes")`) {
		t.Error("the change is not marked on the chart of approvals")
	}
	wrong.Report(t)
}
