package demo

import (
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/figure"
	"example.com/officepulse/analytics/quarters"
	"example.com/officepulse/analytics/record"
	"example.com/officepulse/analytics/target"
)

// director decides in the story.
const director = "王主任 (demo)"

// Target is one that the story's director sets. The baseline's value is what the
// events say of its period.
type Target struct {
	Draft    target.Target
	Share    float64 // above 0: the goal is this share of the baseline
	By       record.By
	CheckIns []target.CheckIn
}

func on(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 1, 30, 0, 0, time.UTC) // 9:30 in Shanghai
}

// Targets are the promises of the story: approvals from 3.2 to 1.5 working days,
// 40 % fewer errors, satisfaction from 75 to 92 points, all of them kept in the
// third quarter of 2026; and two that still run. perDay are the seconds of a
// working day.
func Targets(perDay int) []Target {
	day := float64(perDay)
	half := target.Baseline{From: "2025-07-01", To: "2026-01-01"}
	first, third, fourth := quarters.Quarter{Year: 2026, Number: 1}, quarters.Quarter{Year: 2026, Number: 3}, quarters.Quarter{Year: 2026, Number: 4}
	approval := figure.Figure{Metric: "lead_time", Value: analytics.ValueMean, Clock: analytics.ClockWorking, Process: "doc_approval"}
	core := approval
	core.Class = "core"
	set := func(key, zh, en string, of figure.Figure, way target.Direction, goal float64, due quarters.Quarter, reason string) Target {
		return Target{
			Draft: target.Target{
				Stamp: record.Stamp{Key: key}, Name: record.Text{ZH: zh, EN: en}, Figure: of, Direction: way, Baseline: half, Goal: goal, Start: first, Due: due, Owner: "王主任",
			},
			By: record.By{Author: director, Reason: reason, At: on(2026, 1, 19)},
		}
	}
	days := set("approval-days", "文件审批缩短到 1.5 个工作日", "Document approval down to 1.5 working days", approval, target.Lower, 1.5*day, third,
		"流程梳理后向决策层承诺 · promised to leadership after two weeks of process mapping")
	days.CheckIns = []target.CheckIn{
		{At: on(2026, 4, 8), By: director, Confidence: target.Unsure, Comment: "非核心文件已取消决策层签发，效果尚在显现。 Non-core documents no longer go to leadership; the effect is still coming in."},
		{At: on(2026, 7, 8), By: director, Confidence: target.Sure, Comment: "二季度已达 1.5 个工作日。 1.5 working days in the second quarter."},
	}
	errors := set("error-rate", "错漏率下降 40%", "Error and omission rate down by 40%", figure.Figure{Metric: "error_rate", Value: analytics.ValueRate}, target.Lower, 0, third,
		"过去半年各部门反馈最多的问题 · what departments complained about most")
	errors.Share = 0.6
	happy := set("satisfaction", "满意度达到 92 分", "Satisfaction up to 92 points", figure.Figure{Metric: "satisfaction", Value: analytics.ValueMean}, target.Higher, 92, third,
		"年度服务承诺 · the year's promise of service")
	happy.CheckIns = []target.CheckIn{{At: on(2026, 7, 9), By: director, Confidence: target.Sure, Comment: "生产部门仍低于平均，七月起专人对接。 Production is still below the rest; somebody is there for them from July."}}
	slow := set("core-approval-days", "核心文件审批缩短到 2 个工作日", "Core documents down to 2 working days", core, target.Lower, 2*day, fourth,
		"总体均值掩盖了核心文件 · the overall mean hides the core documents")
	slow.CheckIns = []target.CheckIn{{At: on(2026, 7, 8), By: director, Confidence: target.Doubtful, Comment: "决策层签发环节没有变化。 Nothing has changed at the signature of leadership."}}
	supplies := set("supplies-errors", "物资差错率降到 5%", "Supplies errors down to 5%", figure.Figure{Metric: "error_rate", Value: analytics.ValueRate, Process: "supplies"}, target.Lower, 0.05, fourth,
		"《办公室工作流程手册》发布后的目标 · the aim of the new handbook")
	return []Target{days, errors, happy, slow, supplies}
}
