package dashboard

import (
	"strings"
	"testing"

	"example.com/officepulse/analytics/handbook"
)

// A history of three versions, of which the second is in force at testNow.
const threeVersions = `version: "one"
timezone: Asia/Shanghai
fiscal_year_start: 1
office_hours: [08:30-12:00, 13:30-18:00]
headline: p
calendar:
  off: [{day: 2026-08-03, to: 2026-08-04, name: {zh: 检修, en: Shutdown}}]
departments: [{key: a, name: {zh: 甲, en: A}, headcount: 3}]
processes: [{key: p, name: {zh: 流, en: P}, ends: {stage: s, action: close}, stages: [{key: s, name: {zh: 一, en: S}}]}]
fault_kinds: [{key: f, name: {zh: 错, en: F}}]
classes: [{key: c, name: {zh: 类, en: C}}]
questionnaires: [{key: q, name: {zh: 问, en: Q}, levels: {1: 100}, items: [{key: i, name: {zh: 项, en: I}, weight: 1}]}]
---
version: "two"
from: 2025-04-01
---
version: "three"
from: 2027-01-01
`

func TestPagesNameHandbookAndCalendar(t *testing.T) {
	history, err := handbook.ParseHistory([]byte(threeVersions), nil)
	if err != nil {
		t.Fatal(err)
	}
	hb := history.At(testNow)
	cal, err := hb.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	router := routerWith(t, Dependencies{Metrics: fake{quarters: 8}, Handbook: hb})
	contains(t, get(t, router, "/?lang=zh").Body.String(), "手册版本 two", "日历 "+cal.Version(), "（2027 年暂定）")
	contains(t, get(t, router, "/?lang=en").Body.String(), "Handbook two", "Calendar "+cal.Version(), "(2027 provisional)")

	body := get(t, router, "/definitions?lang=en").Body.String()
	contains(t, body, cal.Version(), history.Fingerprint(), "State Council's notice", "computed from the statutory holidays")
	for version, state := range map[string]string{"one": "superseded", "two": "in force", "three": "to come"} {
		row := `<th scope="row">` + version + `</th>`
		if _, rest, found := strings.Cut(body, row); !found || !strings.Contains(rest[:200], "<td>"+state+"</td>") {
			t.Errorf("version %s is not said to be %s", version, state)
		}
	}
	contains(t, body, `<th scope="row">2026</th><td>State Council's notice</td><td>246</td><td>2</td>`, `<th scope="row">2027 <span class="op-badge">provisional</span></th>`)
	contains(t, get(t, router, "/definitions?lang=zh").Body.String(), "手册与日历", "按法定节假日推算", "暂定", "现行", "未生效", "已被取代")
	if body := get(t, router, "/nothing?lang=en").Body.String(); strings.Contains(body, "#promises") {
		t.Error("a page without figures names a calendar")
	}
}
