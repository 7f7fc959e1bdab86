package demo

import (
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/change"
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

// on is a morning of the year in which the story's director set targets.
func on(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 1, 30, 0, 0, time.UTC) // 9:30 in Shanghai
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
			By: record.By{Author: director, Reason: reason, At: on(1, 19)},
		}
	}
	days := set("approval-days", "文件审批缩短到 1.5 个工作日", "Document approval down to 1.5 working days", approval, target.Lower, 1.5*day, third,
		"流程梳理后向决策层承诺 · promised to leadership after two weeks of process mapping")
	days.CheckIns = []target.CheckIn{
		{At: on(4, 8), By: director, Confidence: target.Unsure, Comment: "非核心文件已取消决策层签发，效果尚在显现。 Non-core documents no longer go to leadership; the effect is still coming in."},
		{At: on(7, 8), By: director, Confidence: target.Sure, Comment: "二季度已达 1.5 个工作日。 1.5 working days in the second quarter."},
	}
	errors := set("error-rate", "错漏率下降 40%", "Error and omission rate down by 40%", figure.Figure{Metric: "error_rate", Value: analytics.ValueRate}, target.Lower, 0, third,
		"过去半年各部门反馈最多的问题 · what departments complained about most")
	errors.Share = 0.6
	happy := set("satisfaction", "满意度达到 92 分", "Satisfaction up to 92 points", figure.Figure{Metric: "satisfaction", Value: analytics.ValueMean}, target.Higher, 92, third,
		"年度服务承诺 · the year's promise of service")
	happy.CheckIns = []target.CheckIn{{At: on(7, 9), By: director, Confidence: target.Sure, Comment: "生产部门仍低于平均，七月起专人对接。 Production is still below the rest; somebody is there for them from July."}}
	slow := set("core-approval-days", "核心文件审批缩短到 2 个工作日", "Core documents down to 2 working days", core, target.Lower, 2*day, fourth,
		"总体均值掩盖了核心文件 · the overall mean hides the core documents")
	slow.CheckIns = []target.CheckIn{{At: on(7, 8), By: director, Confidence: target.Doubtful, Comment: "决策层签发环节没有变化。 Nothing has changed at the signature of leadership."}}
	supplies := set("supplies-errors", "物资差错率降到 5%", "Supplies errors down to 5%", figure.Figure{Metric: "error_rate", Value: analytics.ValueRate, Process: "supplies"}, target.Lower, 0.05, fourth,
		"《办公室工作流程手册》发布后的目标 · the aim of the new handbook")
	return []Target{days, errors, happy, slow, supplies}
}

// Change is a change of the story, with what the story put into its figures.
type Change struct {
	Draft change.Change
	By    record.By
	// Put is what the story did to each figure of the draft, in their order.
	Put []Put
}

// Put is what the story did to a figure.
type Put struct {
	Outcome change.Outcome
	Down    bool    // of a shift
	Least   float64 // of a shift: at least this much, in the figure's unit
	Uneven  string  // class that gained little, where the whole hides it
	Faint   bool    // of a shift: its weeks vary so much that the verdict may not be sure, with the interval beyond zero all the same
}

// rampDays is how long a change of the story takes to hold everywhere.
const rampDays = 28

// Changes are the register of the story (DOMAIN.md §5 of the project's brief).
// perDay are the seconds of a working day.
func Changes(perDay int) []Change {
	day := float64(perDay)
	lead := func(process string) figure.Figure {
		return figure.Figure{Metric: "lead_time", Value: analytics.ValueMedian, Clock: analytics.ClockWorking, Process: process}
	}
	rate := func(metric, process string) figure.Figure {
		return figure.Figure{Metric: metric, Value: analytics.ValueRate, Process: process}
	}
	none, little := Put{Outcome: change.Unchanged}, Put{Outcome: change.TooLittle}
	fell := func(least float64) Put { return Put{Outcome: change.Shifted, Down: true, Least: least} }
	set := func(key, zh, en, what, why, process, from string, figures []figure.Figure, put ...Put) Change {
		at, _ := time.Parse(time.DateOnly, from)
		return Change{
			Draft: change.Change{Stamp: record.Stamp{Key: key}, Name: record.Text{ZH: zh, EN: en}, What: what, Why: why, Process: process, From: from, RampDays: rampDays, Figures: figures},
			By:    record.By{Author: director, Reason: "流程变更登记 · register of process changes", At: at.Add(90 * time.Minute)}, Put: put,
		}
	}
	simplified := fell(1.2 * day)
	simplified.Uneven = "core"
	return []Change{
		set("new-business-meetings", "新业务专项会议", "Meetings of their own for new business", "新业务另设专项会议。 New business has meetings of its own.", "例会议题过多。 Regular meetings had too many topics.",
			"meeting", "2025-06-16", []figure.Figure{rate("error_rate", "meeting"), lead("meeting")}, none, none),
		set("equipment-guide", "《特殊设备采购指南》", "Guide to buying special equipment", "材料清单随申请一并提交。 The list of papers comes with the request.", "研发设备因材料延误一周。 Equipment of R&D was held up for a week by its papers.",
			"special_procurement", "2025-08-18", []figure.Figure{rate("first_pass_yield", "special_procurement")}, little),
		set("unified-notice", "统一通知渠道", "One channel for notices", "会议通知统一发送，会议室与设备联动。 Notices go out one way; rooms and equipment are booked together.", "通知遗漏、设备故障最多。 Missed notices and equipment failures were most frequent.",
			"meeting", "2026-02-02", []figure.Figure{rate("error_rate", "meeting"), lead("meeting")}, fell(0.03), fell(0.2*day)),
		set("approval-simplified", "审批简化", "Approval simplified", "非核心文件取消会签和决策层签发；核心文件会签一次。 Non-core documents need no countersigning and no signature of leadership; core ones one countersigning.", "平均超过三天，多部门重复审核。 More than three days on average, reviewed again and again.",
			"doc_approval", "2026-03-02", []figure.Figure{lead("doc_approval"), rate("error_rate", "doc_approval")}, simplified, fell(0.015)),
		set("handbook", "《办公室工作流程手册》", "Handbook of office processes", "归档 24 小时、物资计划每月 5 日。 Filing within 24 hours, supplies planned by the fifth.", "标准不一。 Everybody had their own standard.",
			"", "2026-04-01", []figure.Figure{rate("archive_on_time", ""), rate("error_rate", "supplies")}, Put{Outcome: change.Shifted, Least: 0.1, Faint: true}, fell(0.02)),
		set("liaison-meeting", "每周联络员会议", "Weekly meeting of liaison officers", "每周一联络员会议。 Liaison officers meet every Monday.", "数据需求反复沟通。 Requests for data went back and forth.",
			"data_request", "2026-04-13", []figure.Figure{lead("data_request")}, fell(0.2*day)),
		set("test-report-entry", "检测报告申请入口", "One entry for test reports", "检测报告线上申请。 Test reports are asked for online.", "入口分散。 Entries were scattered.",
			"test_report", "2026-05-18", []figure.Figure{lead("test_report")}, little),
	}
}
