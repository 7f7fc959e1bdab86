package dashboard

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/xuri/excelize/v2"

	"example.com/officepulse/analytics"
	"example.com/officepulse/dashboard/browsertest"
	"example.com/officepulse/dashboard/i18n"
)

// saved is a file that the browser has downloaded.
type saved struct {
	name    string
	content []byte
}

// saveTo lets the browser save files, and sends each one when it is there.
func saveTo(ctx context.Context, t *testing.T) <-chan saved {
	t.Helper()
	dir, files, names := t.TempDir(), make(chan saved, 8), map[string]string{}
	err := chromedp.ListenBrowser(ctx, func(ev any) {
		switch ev := ev.(type) {
		case *browser.EventDownloadWillBegin:
			names[ev.GUID] = ev.SuggestedFilename
		case *browser.EventDownloadProgress:
			if ev.State != browser.DownloadProgressStateCompleted {
				return
			}
			content, err := os.ReadFile(filepath.Join(dir, ev.GUID))
			if err != nil {
				content = []byte(err.Error())
			}
			files <- saved{names[ev.GUID], content}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = chromedp.CallBrowser(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllowAndName, DownloadPath: dir, EventsEnabled: new(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func next(t *testing.T, files <-chan saved) saved {
	t.Helper()
	select {
	case f := <-files:
		return f
	case <-time.After(30 * time.Second):
		t.Fatal("no file came")
		return saved{}
	}
}

// TestExportsInABrowser takes each kind of file from the Overview by keyboard,
// in the dark, and looks into it.
func TestExportsInABrowser(t *testing.T) {
	ctx := openBrowser(t)
	server := httptest.NewServer(testRouter(t, inSeconds{fake{quarters: 8}}))
	defer server.Close()
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	wrong := browsertest.Watch(ctx, t, address.Host)
	files := saveTo(ctx, t)
	browsertest.Do(ctx, t, chromedp.EmulateViewport(390, 800), chromedp.Navigate(server.URL+"/?lang=en&quarter=2026Q3"))
	browsertest.Evaluate[any](ctx, t, `localStorage.setItem("officepulse-theme", "dark")`)
	browsertest.Do(ctx, t, chromedp.Reload())
	browsertest.Until(ctx, t, browsertest.AllDrawn)

	// Enter opens the menu; each Tab goes to the next kind of file, Enter takes it, Escape
	// closes the menu and stays at it.
	take := func(kind int) saved {
		t.Helper()
		browsertest.Evaluate[any](ctx, t, `document.querySelector("#lead-time .op-export summary").focus()`)
		browsertest.Do(ctx, t, chromedp.KeyEvent(kb.Enter), chromedp.KeyEvent(strings.Repeat(kb.Tab, kind)), chromedp.KeyEvent(kb.Enter))
		f := next(t, files)
		browsertest.Do(ctx, t, chromedp.KeyEvent(kb.Escape))
		browsertest.Until(ctx, t, `!document.querySelector("#lead-time .op-export").open && document.activeElement.matches("#lead-time .op-export summary")`)
		return f
	}
	name := english(t).T("metric.lead_time.name") + " 2024Q4-2026Q3"

	f := take(1)
	checkName(t, f, name+".csv")
	var answer analytics.Result
	question := "/api/v1/metrics/lead_time?from=2024-10-01&to=2026-10-01&bucket=quarter&clock=working&process=doc_approval"
	decode(t, get(t, testRouter(t, inSeconds{fake{quarters: 8}}), question).Body.Bytes(), &answer)
	sameFigures(t, csvOf(t, f.content), answer)

	f = take(2)
	checkName(t, f, name+".xlsx")
	book, err := excelize.OpenReader(bytes.NewReader(f.content))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows("Details", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	sameFigures(t, rows, answer)

	f = take(3)
	checkName(t, f, name+".png")
	checkPNG(t, f.content)
	pictured := f.content
	if got := browsertest.Evaluate[string](ctx, t, `document.getElementById("announcement").textContent`); got != "Saved "+name+".png" {
		t.Errorf("announced: %q", got)
	}

	f = take(4)
	checkName(t, f, name+".svg")
	checkSVG(t, f.content, "How long does a case take?", "working days", "897", "Newest event stored 2026-09-30 18:00", "Median")

	// Every chart can be drawn as a picture.
	browsertest.Evaluate[any](ctx, t, `document.querySelectorAll("[data-picture=svg]").forEach(b => b.click())`)
	for range 6 {
		checkSVG(t, next(t, files).content)
	}
	wrong.Report(t)
	if *screenshots != "" {
		if err := os.WriteFile(filepath.Join(*screenshots, "export.png"), pictured, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func checkName(t *testing.T, f saved, want string) {
	t.Helper()
	if f.name != want {
		t.Errorf("the file is named %q, want %q", f.name, want)
	}
}

// checkPNG: a picture of a good size, white at its corners, with ink on it.
func checkPNG(t *testing.T, content []byte) {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatalf("no PNG: %v", err)
	}
	size := picture.Bounds().Size()
	if size.X != 1920 || size.Y < 800 {
		t.Errorf("the picture is %v", size)
	}
	dark := 0
	for y := range size.Y {
		for x := range size.X {
			r, g, b, a := picture.At(x, y).RGBA()
			if a != 0xffff {
				t.Fatalf("transparent at %d, %d", x, y)
			}
			if (x < 8 || y < 8) && r+g+b != 3*0xffff {
				t.Fatalf("not white at %d, %d", x, y)
			}
			if r+g+b < 3*0x6000 {
				dark++
			}
		}
	}
	if part := float64(dark) / float64(size.X*size.Y); part < 0.002 || part > 0.2 {
		t.Errorf("%.1f%% of the picture is dark", 100*part)
	}
}

// checkSVG: a drawing that stands by itself and says all texts.
func checkSVG(t *testing.T, content []byte, texts ...string) {
	t.Helper()
	var words strings.Builder
	paths := 0
	decoder := xml.NewDecoder(bytes.NewReader(content))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("no XML: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Local == "path" || token.Name.Local == "rect" {
				paths++
			}
		case xml.CharData:
			fmt.Fprintln(&words, string(token))
		}
	}
	if paths < 5 {
		t.Errorf("only %d shapes are drawn", paths)
	}
	if strings.Contains(string(content), "var(") {
		t.Error("a colour is left to a stylesheet that the file does not have")
	}
	for _, text := range texts {
		if !strings.Contains(words.String(), text) {
			t.Errorf("%q is missing in the drawing:\n%s", text, words.String())
		}
	}
}

func english(t *testing.T) i18n.Messages {
	t.Helper()
	catalogue, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	return catalogue.In(i18n.English)
}
