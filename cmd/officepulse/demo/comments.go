package demo

import (
	"hash/fnv"
	"math/rand/v2"

	"example.com/officepulse/ingest/event"
	"example.com/officepulse/surveys/questionnaire"
)

// openQuestion is the questionnaire's last question.
const openQuestion = "improve"

// What people write before and after the processes were changed.
var (
	complaints = []string{
		"文件审批环节太多，几个部门重复审核，希望能简化", "审批到了哪一步看不到，只能打电话催", "会议通知一会儿微信一会儿邮件，经常漏人", "开会前设备没有检查，投影连不上耽误时间",
		"物资申领周期太长，临时采购太多", "一件事要找好几个部门协调，没有人牵头", "退回文件不说清楚原因，来回改了三次", "会议纪要一周以后才发出来", "归档要求不清楚，纸质版和电子版都要跑",
		"Approvals take more than three days", "Nobody tells us where a document is waiting",
	}
	wishes = []string{
		"审批快多了，希望核心文件也能再快一点", "会议室预订和设备联动后很好用", "希望审批进度能在手机上查询", "联络员例会很有用，跨部门的事情有人跟进", "每月五日报计划有点紧，希望可以补报",
		"物资领用比以前方便，规格说明还可以更清楚", "会议纪要现在两天就能看到", "希望检测报告申请的入口再明显一些", "特殊设备采购指南很实用", "Approval is much faster now; core documents still wait",
		"The weekly liaison meeting works well",
	}
)

// comment is what somebody writes, if anything: two in five do. It is drawn apart
// from the story's other chances, which it leaves as they are.
func comment(id string, year, quarter int, answers map[string]event.Value) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id))
	r := rand.New(rand.NewPCG(h.Sum64(), 1)) //nolint:gosec // a story, no secret
	if r.IntN(5) > 1 {
		return
	}
	list := complaints
	if year > 2026 || year == 2026 && quarter >= 2 {
		list = wishes
	}
	answers[openQuestion] = event.Text(list[r.IntN(len(list))])
}

// Outcome is what the office told about a quarter's survey.
func Outcome(quarter string) questionnaire.Text {
	switch quarter {
	case "2025Q4":
		return questionnaire.Text{ZH: "审批环节多、会议通知渠道乱是意见最集中的两件事，一月用两周梳理全部流程。", EN: "Too many approval steps and scattered meeting notices were named most; all processes are reviewed in January."}
	case "2026Q1":
		return questionnaire.Text{ZH: "会议通知已统一，三月起非核心文件不再经决策层审批，四月发布《办公室工作流程手册》。", EN: "Notices go through one channel, non-core documents no longer need leadership, and a handbook comes in April."}
	case "2026Q2":
		return questionnaire.Text{ZH: "物资新规引起不便，已增加规格说明；每周一召开联络员会议。", EN: "The new rules for supplies caused trouble, so specifications are explained; liaison officers meet every Monday."}
	case "2026Q3":
		return questionnaire.Text{ZH: "满意度达到 92 分；下一季度重点是核心文件的审批时长。", EN: "Satisfaction reached 92 points; next quarter is about the time core documents take."}
	default:
		return questionnaire.Text{ZH: "感谢大家的意见，办公室将逐条研究。", EN: "Thank you; the office will go through every comment."}
	}
}
