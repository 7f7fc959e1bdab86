package dashboard

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics"
)

func TestRegistersPages(t *testing.T) {
	h := testRouter(t, fake{quarters: 8})
	for target, want := range map[string][]string{
		"/registers?quarter=2026Q3&lang=zh":                                              {"协调台账", "督办事项：红灯 1 件，黄灯 1 件，蓝灯 1 件。", "按时闭环率", "80.0", "96 件", "红灯", "#i-lit-red", "工作手册未建立“项目卡点”台账", "figure=closed_kept", "state=missed"},
		"/registers?quarter=2026Q3&lang=en":                                              {"Registers", "Liaison items: Closed in time 80.0%.", "24 not kept", "Behind", "130", "nothing to judge in this period"},
		"/registers/supervision?quarter=2026Q3&lang=en":                                  {"supervision-2026-000001", "Red", "first 2026-07-31", "1–50 of 60", "Next page", "erp-upgrade"},
		"/registers/supervision?quarter=2026Q3&lang=zh&page=2":                           {"第 51–60 件，共 60 件", "原定"},
		"/registers/supervision?quarter=2026Q3&figure=holding_kept&state=missed&lang=en": {"1–2 of 2", "Closed by the date that holds: overdue", "Closed by the date that holds: late"},
		"/registers/supervision?quarter=2026Q3&figure=holding_kept&state=kept&lang=en":   {"No case in this register"},
		"/director/team?quarter=2026Q3&lang=zh":                                          {"A/B 角", "缺 B 角", "依赖一人", "office-01", "仅供办公室主任查看"},
		"/director/team?quarter=2026Q3&lang=en":                                          {"Covered", "Leans on one", "too few steps", "for the director only"},
		"/registers?from=2026-07-01&to=2026-08-01&department=sales&lang=en":              {"Sales", "2026-07-01"},
	} {
		w := fetch(t, h, target)
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
			continue
		}
		for _, text := range want {
			if !strings.Contains(w.Body.String(), text) {
				t.Errorf("%s lacks %q", target, text)
			}
		}
		if strings.Contains(w.Body.String(), "registers.") && strings.Contains(w.Body.String(), ">registers.") {
			t.Errorf("%s: a message is missing", target)
		}
	}
	for target, status := range map[string]int{
		"/registers/nothing": 404, "/registers/blockers": 404, "/registers/supervision?figure=nothing": 400, "/registers/supervision?state=nothing": 400, "/registers?quarter=x": 400,
	} {
		if w := fetch(t, h, target); w.Code != status {
			t.Errorf("%s: %d, want %d", target, w.Code, status)
		}
	}
	if w := fetch(t, h, "/registers?quarter=2026Q3&lang=en"); strings.Contains(w.Body.String(), "office-01") {
		t.Error("a person is named where everybody reads")
	}
}

func TestRegistersAPI(t *testing.T) {
	h := testRouter(t, fake{quarters: 8})
	var all analytics.Registers
	if err := json.Unmarshal(fetch(t, h, "/api/v1/registers?from=2026-07-01&to=2026-10-01").Body.Bytes(), &all); err != nil || len(all.Registers) != 5 || len(all.Missing) != 1 {
		t.Errorf("%v %+v", err, all)
	}
	var one analytics.RegisterAnswer
	if err := json.Unmarshal(fetch(t, h, "/api/v1/registers/supervision?from=2026-07-01&to=2026-10-01&figure=holding_kept&state=overdue").Body.Bytes(), &one); err != nil || len(one.Items) != 1 {
		t.Errorf("%v %+v", err, one)
	}
	for target, want := range map[string]string{
		"/api/v1/registers?process=seal":                          "there is no such parameter",
		"/api/v1/registers/nothing":                               "there is no register",
		"/api/v1/registers/supervision?figure=nothing":            "has no figure",
		"/api/v1/registers/supervision?state=late":                "a state is that of a case to a figure",
		"/api/v1/registers/blockers":                              "keeps no register",
		"/api/v1/registers/supervision?figure=open&state=late%20": "not one of the values",
	} {
		w := fetch(t, h, target)
		if w.Code/100 != 4 || !strings.Contains(w.Body.String(), want) || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
	for _, target := range []string{"/api/v1/registers?format=csv&lang=zh", "/api/v1/registers/supervision?format=xlsx", "/director/team/file?format=csv&part=workload", "/api/v1/registers/supervision?format=csv&lang=en"} {
		if w := fetch(t, h, target); w.Code != http.StatusOK || w.Body.Len() < 100 {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
	guarded := routerWith(t, Dependencies{Metrics: fake{quarters: 8}, Operator: func(c *gin.Context) { c.AbortWithStatus(http.StatusUnauthorized) }})
	if w := fetch(t, guarded, "/api/v1/team"); w.Code != http.StatusUnauthorized {
		t.Errorf("the team is told to anybody: %d", w.Code)
	}
}
