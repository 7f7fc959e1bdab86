package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/segmentio/kafka-go"

	"example.com/officepulse/dashboard"
	"example.com/officepulse/dashboard/browsertest"
	"example.com/officepulse/ingest/delivery"
	"example.com/officepulse/ingest/event"
)

// wrongEvent is firstEvent of an unheard-of process with a typing error in its action.
func wrongEvent(id string) string {
	return strings.NewReplacer(`"seal"`, `"unheard_of"`, `"first"`, `"`+id+`"`, "seal-1", "case-"+id, `"close"`, `"clsoe"`).Replace(firstEvent)
}

// produce puts messages straight into Kafka, as any producer may.
func (s *service) produce(topic event.Type, values ...string) {
	s.tb.Helper()
	var st Status
	if err := json.Unmarshal([]byte(s.must("status", "--json")), &st); err != nil {
		s.tb.Fatal(err)
	}
	w := &kafka.Writer{Addr: kafka.TCP(st.Kafka.Brokers...), Topic: string(topic), RequiredAcks: kafka.RequireAll}
	for _, value := range values {
		if err := w.WriteMessages(s.tb.Context(), kafka.Message{Key: []byte("k"), Value: []byte(value), Headers: []kafka.Header{{Key: "raw", Value: []byte{0, 255}}}}); err != nil {
			s.tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		s.tb.Fatal(err)
	}
}

// letters waits until there are n dead letters in a state and returns them.
func (s *service) letters(n int, args ...string) []dashboard.Letter {
	s.tb.Helper()
	var list dashboard.LetterList
	s.waitFor("dead letters", func() bool {
		out, err := s.command(append([]string{"deadletters", "list", "--json"}, args...)...)
		if err != nil {
			s.tb.Fatal(err)
		}
		if err := json.Unmarshal([]byte(out), &list); err != nil {
			s.tb.Fatal(err)
		}
		return len(list.Letters) == n
	})
	return list.Letters
}

func (s *service) audit() dashboard.AuditReport {
	s.tb.Helper()
	var report dashboard.AuditReport
	if err := json.Unmarshal([]byte(s.must("audit", "--json")), &report); err != nil {
		s.tb.Fatal(err)
	}
	return report
}

// complains runs a command that has to fail with a text.
func (s *service) complains(want string, args ...string) {
	s.tb.Helper()
	if _, err := s.command(args...); err == nil || !strings.Contains(err.Error(), want) {
		s.tb.Errorf("officepulse %s: got %v, want %q", strings.Join(args, " "), err, want)
	}
}

// A bad event is listed, mended, tried, replayed and counted once, all from the
// command line; and the account of every message comes out even.
func TestDeadLettersFromTheCommandLine(t *testing.T) {
	s := startService(t, t.TempDir())
	s.produce(event.TypeTask, wrongEvent("a"), wrongEvent("b"), "\xff\x00 no text\x1b[31m")
	s.produce(event.TypeFault, strings.Replace(wrongEvent("c"), "clsoe", "close", 1))
	s.letters(4)
	text := s.must("deadletters", "list", "--kind", "invalid")
	for _, want := range []string{"2  open  invalid", "1  open  malformed", "1  open  misplaced", `"clsoe" is not allowed`} {
		if !strings.Contains(text, want) {
			t.Errorf("the list has no %q:\n%s", want, text)
		}
	}
	id := s.letters(2, "--kind", "invalid")[1].ID // the older

	s.complains(`"clsoe" is not allowed`, "deadletters", "dry-run", id)
	s.complains("1 of 1 letters were not taken", "deadletters", "replay", id)
	file := filepath.Join(t.TempDir(), "mended.json")
	if err := os.WriteFile(file, []byte(strings.Replace(wrongEvent("a"), "clsoe", "close", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := s.must("deadletters", "edit", id, "--file", file, "--reason", "typing error"); got != "kept; would be taken\n" {
		t.Errorf("edit: %q", got)
	}
	if got := s.must("deadletters", "dry-run", id); got != "would be taken as event a\n" {
		t.Errorf("dry run: %q", got)
	}
	for range 2 {
		if got := s.must("deadletters", "replay", id); !strings.Contains(got, "replayed 1, refused 0, failed 0") {
			t.Errorf("replay: %q", got)
		}
	}
	if got := s.stored(); got != 1 {
		t.Errorf("%d cases completed after two replays, want 1", got)
	}
	s.complains("1 of 1 letters were not taken", "deadletters", "replay", "--all", "--kind", "invalid", "--reason", "all of them")
}

func TestReplayOfAll(t *testing.T) {
	s := startService(t, t.TempDir())
	s.produce(event.TypeFault, strings.Replace(wrongEvent("c"), "clsoe", "close", 1), strings.Replace(wrongEvent("d"), "clsoe", "close", 1))
	s.produce(event.TypeTask, "\xff\x00 no text\x1b[31m")
	s.letters(2, "--kind", "misplaced")
	var answer dashboard.LettersReplayed
	if err := json.Unmarshal([]byte(s.must("deadletters", "replay", "--all", "--kind", "misplaced", "--json", "--reason", "topics mixed up")), &answer); err != nil || answer.Replayed != 2 {
		t.Errorf("got %+v, %v", answer, err)
	}
	if got := s.stored(); got != 2 {
		t.Errorf("%d cases completed, want 2", got)
	}
	if report := s.audit(); report.Sums.Missing != 0 || report.Sums.DuplicatedVisibly != 0 || report.Sums.Stored != 2 || report.Sums.DeadLettered != 3 {
		t.Errorf("audit: %+v", report.Sums)
	}
	if text := s.must("audit"); !strings.Contains(text, "lost 0, duplicated 0: all 5 committed messages are accounted for, 2 stored and 3 put aside") {
		t.Errorf("audit says\n%s", text)
	}
	if _, body := s.get("/metrics"); !bytes.Contains(body, []byte(`officepulse_audit_missing_messages{partition="0",topic="officepulse.task.v1"} 0`)) {
		t.Error("/metrics has no audit")
	}

	// What is no text stays what it is.
	id := s.letters(1, "--kind", "malformed")[0].ID
	if got := s.must("deadletters", "show", id, "--raw"); got != "\xff\x00 no text\x1b[31m" {
		t.Errorf("raw: %q", got)
	}
	text := s.must("deadletters", "show", id)
	if !strings.Contains(text, `\xff\x00 no text\x1b[31m`) || !strings.Contains(text, `raw: \x00\xff`) || strings.Contains(text, "\x1b") {
		t.Errorf("shown as\n%q", text)
	}
	if got := s.must("deadletters", "discard", id, "--reason", "noise"); got != "discarded\n" {
		t.Errorf("discard: %q", got)
	}
	var l dashboard.LetterInFull
	if err := json.Unmarshal([]byte(s.must("deadletters", "show", id, "--json")), &l); err != nil || l.State != delivery.Discarded || string(l.Value) != "\xff\x00 no text\x1b[31m" || l.Acts[0].Reason != "noise" {
		t.Errorf("got %+v, %v", l, err)
	}

	// Wrong input is refused before or by the service, in words.
	s.complains("use malformed, invalid", "deadletters", "list", "--kind", "nosuch")
	s.complains("use open, replayed, discarded", "deadletters", "list", "--state", "nosuch")
	s.complains("no whole number from 1 to 200", "deadletters", "list", "--limit", "1000")
	s.complains("no whole number from 0", "deadletters", "list", "--offset", "-1")
	s.complains("there is no dead letter", "deadletters", "show", "0123456789abcdef")
	s.complains("an id has 16 hexadecimal digits", "deadletters", "show", "nosuch")
	s.complains("name one letter", "deadletters", "show")
	s.complains("exclude each other", "deadletters", "show", id, "--raw", "--json")
	s.complains("no such file", "deadletters", "edit", id, "--file", filepath.Join(t.TempDir(), "none"))
	s.complains("required flag", "deadletters", "edit", id)
	s.complains("say why", "deadletters", "discard", id, "--reason", " ")
	s.complains("name letters", "deadletters", "replay")
	s.complains("only together with --all", "deadletters", "replay", id, "--kind", "invalid")
	s.complains("name letters", "deadletters", "replay", id, "--all")
	s.complains("--wait", "audit", "--wait", "-1s")
}

// The same on the page, in a browser, without a script of the page's own.
func TestDeadLettersInABrowser(t *testing.T) {
	s := startService(t, t.TempDir())
	s.produce(event.TypeTask, wrongEvent("a"))
	s.letters(1)
	ctx := browsertest.Start(t)
	address, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	wrong := browsertest.Watch(ctx, t, address.Host)
	text := func(selector string) string {
		return browsertest.Evaluate[string](ctx, t, `document.querySelector(`+"`"+selector+"`"+`).textContent`)
	}
	press := func(selector string) {
		browsertest.Evaluate[any](ctx, t, `window.left = true; document.querySelector(`+"`"+selector+"`"+`).click()`)
		browsertest.Until(ctx, t, `!window.left && document.querySelector(".op-flash") !== null`)
	}
	browsertest.Do(ctx, t, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(s.url+"/operations?lang=zh"))
	if got := text(".op-summary"); !strings.Contains(got, "丢失 0，重复 0") || !strings.Contains(got, "待处理的死信 1 封") {
		t.Errorf("the page says %s", got)
	}
	browsertest.Evaluate[any](ctx, t, `document.querySelector("a.op-letter").click()`)
	browsertest.Until(ctx, t, `document.querySelector("#letter-form textarea") !== null`)

	press("#letter-form button")
	if got := text(".op-flash"); !strings.Contains(got, "还不能被接收") || !strings.Contains(got, `"clsoe" is not allowed`) {
		t.Errorf("dry run of what is wrong: %s", got)
	}
	browsertest.Evaluate[any](ctx, t, `{const t = document.querySelector("#letter-form textarea"); t.value = t.value.replace("clsoe", "close");}`)
	press("#letter-form button")
	if got := text(".op-flash"); !strings.Contains(got, "试运行通过") {
		t.Errorf("dry run of what was mended: %s", got)
	}
	if got := s.stored(); got != 0 {
		t.Errorf("%d cases completed before the replay", got)
	}
	for range 2 { // the second changes nothing
		press("#letter-form button[formaction$=replay]")
		if got := text(".op-flash"); !strings.Contains(got, "重放成功") {
			t.Errorf("replay: %s", got)
		}
		if got := s.stored(); got != 1 {
			t.Errorf("%d cases completed, want 1", got)
		}
	}
	browsertest.Do(ctx, t, chromedp.Reload())
	if report := s.audit(); report.Sums.Missing != 0 || report.Sums.DuplicatedVisibly != 0 || report.Sums.Stored != 1 || report.Sums.DeadLettered != 1 {
		t.Errorf("audit: %+v", report.Sums)
	}
	for _, path := range []string{"/operations?lang=zh&state=all", "/operations?lang=en&state=all", strings.TrimPrefix(browsertest.Evaluate[string](ctx, t, `location.href`), s.url)} {
		for _, width := range []int64{390, 1440} {
			browsertest.Do(ctx, t, chromedp.EmulateViewport(width, 800), chromedp.Navigate(s.url+path))
			if got := browsertest.Evaluate[int64](ctx, t, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%s is %d px wide at %d px", path, got, width)
			}
		}
	}
	wrong.Report(t)
}

// Without the token there is nothing to see or do for programs.
func TestLettersNeedTheToken(t *testing.T) {
	s := startService(t, t.TempDir())
	for path, method := range map[string]string{"/api/v1/audit": http.MethodGet, "/api/v1/deadletters": http.MethodGet, "/api/v1/deadletters/replay": http.MethodPost, "/api/v1/deadletters/0123456789abcdef/discard": http.MethodPost} {
		req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(`{"filter":{},"reason":"x"}`))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := httpClient().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized || resp.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: %d %s", method, path, resp.StatusCode, body)
		}
	}
	if _, body := s.get("/readyz"); !strings.Contains(string(body), `"troubles":[]`) {
		t.Errorf("/readyz: %s", body)
	}
}
