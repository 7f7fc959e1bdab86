package dashboard

import (
	"net/http"
	"slices"

	"example.com/officepulse/analytics"
	"example.com/officepulse/dashboard/openapi"
)

// analysisOperations describes the routes that say why a figure is what it is.
func analysisOperations() []openapi.Operation {
	analysis := func(path, id, summary string, answer any, own ...openapi.Parameter) openapi.Operation {
		return openapi.Operation{
			Method: http.MethodGet, Path: "/api/v1/" + path, ID: id, Tag: tagFigures, Open: true, Summary: summary,
			Parameters: append(own, exportParameters()...), Answers: fileAnswer("The answer.", answer), Problem: problem{},
		}
	}
	asked := func(own ...string) []openapi.Parameter { return documented(slices.Concat(narrowing, own)...) }
	of := func(metrics []string, own ...string) []openapi.Parameter {
		return append([]openapi.Parameter{metricParameter(metrics)}, asked(own...)...)
	}
	chart := of(seriesMetrics(), "bucket", "chart", "value", "min_n", "baseline_from", "baseline_to")
	for i := range chart {
		if chart[i].Name == "bucket" {
			chart[i].Enum, chart[i].Default = controlBuckets, controlBuckets[0]
		}
	}
	return []openapi.Operation{
		analysis("cases", "listCases", "The cases behind a figure", analytics.CaseList{}, asked(caseParameters...)...),
		analysis("cases/:process/*case_id", "getCase", "All that is known of one case", analytics.CaseTimeline{},
			openapi.Parameter{Name: "process", In: openapi.InPath, Description: "Its process."}, openapi.Parameter{Name: "case_id", In: openapi.InPath, Description: "Its id."}),
		analysis("distribution/:metric", "getDistribution", "Histogram and percentile curve of a time", analytics.Distribution{}, of(analytics.DistributionMetrics())...),
		analysis("matrix/:metric", "getMatrix", "A metric by two groupings", analytics.Matrix{}, of(seriesMetrics(), "rows", "columns")...),
		analysis("control/:metric", "getControlChart", "A control chart with its limits and signals", analytics.Control{}, chart...),
		analysis("compare/:metric", "comparePeriods", "A metric in two periods, and how much of the change is due to the mix", analytics.Comparison{}, of(seriesMetrics(), before...)...),
		analysis("moves", "getMoves", "What changed most between two periods, by its effect on the total", analytics.Moves{}, asked(append([]string{"limit"}, before...)...)...),
		analysis("ageing", "getAgeing", "Open cases by their age", analytics.Ageing{}, asked("by", "limit")...),
		analysis("survival", "getSurvival", "The median lead time with open cases counted in (Kaplan-Meier)", analytics.Survival{}, asked()...),
	}
}
