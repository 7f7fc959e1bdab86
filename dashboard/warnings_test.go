package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/analytics/warning"
)

// warned is early warning with one warning of every rule, two of which are over.
type warned struct {
	none bool
	fail error
}

func (w warned) List(context.Context, int) ([]warning.Warning, error) {
	if w.none || w.fail != nil {
		return nil, w.fail
	}
	subjects := map[string]string{handbook.ErrorCluster: "doc_approval/office_review", handbook.ResponseLow: "2026Q3", handbook.SourceSilent: "/oa"}
	var list []warning.Warning
	for i, rule := range handbook.WarningKeys() {
		one := warning.Warning{
			Rule: rule, Subject: "doc_approval", Number: 1, Raised: testNow.Add(-time.Duration(10+i) * time.Hour), Noted: testNow, Value: 3.25, Threshold: 2, N: 37,
		}
		if s := subjects[rule]; s != "" {
			one.Subject = s
		}
		if i >= 5 {
			one.Cleared = testNow.Add(-time.Hour)
		}
		list = append(list, one)
	}
	return list, nil
}

func (w warned) Open(ctx context.Context) ([]warning.Warning, error) {
	list, err := w.List(ctx, 0)
	if len(list) > 5 {
		list = list[:5]
	}
	return list, err
}

func (w warned) Scores(context.Context) (*warning.ScoreCard, error) {
	if w.none || w.fail != nil {
		return nil, w.fail
	}
	var past []warning.Past
	for i, rule := range handbook.WarningKeys() {
		for j := range i {
			past = append(past, warning.Past{Rule: rule, Outcome: []warning.Outcome{warning.Hit, warning.False, warning.Pending}[j%3], Lead: 36 * time.Hour})
		}
	}
	return &warning.ScoreCard{Made: testNow, From: testNow.AddDate(-1, 0, 0), To: testNow, Scores: warning.Scores(past)}, nil
}

func (w warned) Past(ctx context.Context, from, to time.Time) (*warning.ScoreCard, []warning.Past, error) {
	card, err := w.Scores(ctx)
	if err != nil {
		return nil, nil, err
	}
	card.From, card.To = from, to
	return card, []warning.Past{{Rule: handbook.NearDue, Subject: "seal", Raised: from, Cleared: to, Outcome: warning.Hit, Lead: time.Hour}}, nil
}

func TestWarningsPage(t *testing.T) {
	h := routerWith(t, Dependencies{Warnings: warned{}})
	for target, want := range map[string][]string{
		"/warnings?lang=zh":                 {"当前预警 5 项", "临期积压", "文件审批 · 办公室复核", "命中率", "误报", "提前量", "1.5 天", "邮件和群消息在非办公时间不发送", "下一工作日结束前到期的工作量相当于 3.2 天（37 件）。"},
		"/warnings?lang=en":                 {"Warnings that stand: 5.", "Near-due backlog", "Document approval · Office review", "were right", "false alarms", "1.5 days", "/registers", "Hit: more than 20% of them missed their date.", "33%", "More than" /* not there */},
		"/warnings?rule=p90_rising&lang=en": {"Slow cases getting slower", "aria-current=\"true\">Slow cases"},
		"/?quarter=2026Q3&lang=en":          {"Warnings that stand: 5.", "and 2 more", "Show warnings"},
		"/?quarter=2026Q3&lang=zh":          {"当前预警 5 项", "另有 2 项"},
	} {
		w := fetch(t, h, target)
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
			continue
		}
		for _, text := range want {
			if there := strings.Contains(w.Body.String(), text); there == (text == "More than") {
				t.Errorf("%s: %q is there: %v", target, text, there)
			}
		}
		if strings.Contains(w.Body.String(), ">warnings.") {
			t.Errorf("%s: a message is missing", target)
		}
	}
	if w := fetch(t, h, "/warnings?rule=nothing"); w.Code != http.StatusBadRequest {
		t.Errorf("an unknown rule: %d", w.Code)
	}
	calm := routerWith(t, Dependencies{Warnings: warned{none: true}})
	if w := fetch(t, calm, "/warnings?lang=en"); !strings.Contains(w.Body.String(), "No warning stands.") || !strings.Contains(w.Body.String(), "has not been gone through yet") {
		t.Errorf("without warnings: %s", w.Body)
	}
	if w := fetch(t, calm, "/?quarter=2026Q3&lang=en"); strings.Contains(w.Body.String(), "op-warned") {
		t.Error("the Overview tells of warnings that are not there")
	}
	broken := routerWith(t, Dependencies{Warnings: warned{fail: errors.New("away")}})
	if w := fetch(t, broken, "/?quarter=2026Q3"); w.Code != http.StatusOK {
		t.Errorf("the Overview without warnings that can be read: %d", w.Code)
	}
	if w := fetch(t, broken, "/warnings"); w.Code != http.StatusInternalServerError {
		t.Errorf("warnings that cannot be read: %d", w.Code)
	}
	if w := fetch(t, routerWith(t, Dependencies{}), "/warnings"); w.Code != http.StatusNotFound {
		t.Errorf("without early warning: %d", w.Code)
	}
}

func TestWarningsAPI(t *testing.T) {
	h := routerWith(t, Dependencies{Warnings: warned{}})
	var list warningList
	if err := json.Unmarshal(fetch(t, h, "/api/v1/warnings?state=cleared").Body.Bytes(), &list); err != nil || len(list.Warnings) != 2 || list.Warnings[0].Cleared == nil {
		t.Errorf("%v %+v", err, list)
	}
	var rules ruleList
	if err := json.Unmarshal(fetch(t, h, "/api/v1/warnings/rules").Body.Bytes(), &rules); err != nil || len(rules.Rules) != 7 || *rules.Rules[1].Hits != 1 || rules.Rules[4].Raised != nil {
		t.Errorf("%v %+v", err, rules)
	}
	if err := json.Unmarshal(fetch(t, h, "/api/v1/warnings/replay?from=2026-01-01&to=2026-07-01").Body.Bytes(), &rules); err != nil || len(rules.Past) != 1 || *rules.Past[0].Lead != 3600 {
		t.Errorf("%v %+v", err, rules)
	}
	for target, want := range map[string]string{
		"/api/v1/warnings?rule=nothing":                         "not one of the values",
		"/api/v1/warnings?colour=red":                           "there is no such parameter",
		"/api/v1/warnings/rules?rule=near_due":                  "takes no parameters",
		"/api/v1/warnings/replay?from=2020-01-01&to=2026-01-01": "three years at most",
		"/api/v1/warnings/replay?from=2026-02-01&to=2026-01-01": "later than from",
	} {
		if w := fetch(t, h, target); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
	for _, target := range []string{"/api/v1/warnings?format=csv&lang=zh", "/api/v1/warnings/rules?format=xlsx", "/api/v1/warnings/replay?from=2026-01-01&to=2026-07-01&format=csv"} {
		if w := fetch(t, h, target); w.Code != http.StatusOK || w.Body.Len() < 100 {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
}

// A notice says in both languages what is wrong and what to do, and names nobody.
func TestWarningText(t *testing.T) {
	for _, rule := range handbook.WarningKeys() {
		for _, language := range []string{"zh", "en"} {
			title, lines, err := WarningText(testHandbook(), language, &warning.Warning{Rule: rule, Subject: "doc_approval", Value: 3, Threshold: 2, N: 9, Raised: testNow})
			if err != nil || title == "" || len(lines) != 3 || strings.Contains(title+strings.Join(lines, ""), "warnings.") || strings.Contains(title+strings.Join(lines, ""), "{") {
				t.Errorf("%s in %s: %q %q %v", rule, language, title, lines, err)
			}
		}
	}
}
