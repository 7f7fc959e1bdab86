package pagebench

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/officepulse/analytics"
)

// kind is a page or a query of the API; next draws one request for it.
type kind struct {
	name string
	page bool
	next func(*drawer) string // path and query
}

const apiPrefix = "/api/v1"

var (
	// commonest are the processes that most questions are about.
	commonest = []string{"doc_approval", "meeting", "seal", "supplies"}
	// ofOneProcess are the metrics that have no data about any other process.
	ofOneProcess = []string{"archive_on_time", "equipment_check_on_time", "emergency_response", "notice_coverage", "adhoc_purchase_share"}
)

// kinds are all that is measured, the pages first.
func kinds() []kind {
	list := []kind{
		{"/", true, func(d *drawer) string { return "/?" + d.page("process", "department", "clock").Encode() }},
		{"/errors", true, func(d *drawer) string { return "/errors?" + d.page("process", "department", "class").Encode() }},
		{"/approvals", true, func(d *drawer) string {
			return "/approvals?" + d.page("process", "department", "class", "clock", "bucket").Encode()
		}},
		{"/cases", true, func(d *drawer) string { return "/cases?" + d.caseList().Encode() }},
		{"/cases/…", true, func(d *drawer) string { return "/cases/" + d.oneCase() }},
	}
	for _, m := range analytics.Catalogue() {
		list = append(list, kind{"metrics/" + m.Metric, false, func(d *drawer) string { return apiPrefix + "/metrics/" + m.Metric + "?" + d.metric(m).Encode() }})
	}
	analysis := func(name string, values func(*drawer) url.Values, metrics ...string) {
		list = append(list, kind{name, false, func(d *drawer) string {
			path := apiPrefix + "/" + name
			if len(metrics) > 0 {
				path += "/" + pick(d, metrics)
			}
			return path + "?" + values(d).Encode()
		}})
	}
	analysis("distribution", func(d *drawer) url.Values { return d.narrow(d.quarter(), "process", "department", "class", "clock") }, "lead_time", "stage_time")
	analysis("matrix", func(d *drawer) url.Values { return d.narrow(d.quarter(), "process", "clock") }, "lead_time", "error_rate", "on_time_rate", "throughput")
	analysis("control", func(d *drawer) url.Values {
		return d.narrow(url.Values{"from": {day(d.starts[0])}, "to": {day(d.starts[8])}, "bucket": {"month"}}, "process", "department", "clock")
	}, "lead_time", "error_rate", "on_time_rate", "throughput")
	analysis("compare", func(d *drawer) url.Values {
		return d.narrow(d.twoQuarters(), "process", "department", "class", "clock")
	}, "lead_time", "error_rate", "on_time_rate", "first_pass_yield")
	analysis("moves", func(d *drawer) url.Values { return d.narrow(d.twoQuarters(), "process", "department", "clock") })
	analysis("ageing", func(d *drawer) url.Values { return d.narrow(d.quarter(), "process", "department", "clock") })
	analysis("survival", func(d *drawer) url.Values { return d.narrow(d.quarter(), "process", "department", "class", "clock") })
	analysis("cases", (*drawer).caseList)
	list = append(list, kind{"cases/…", false, func(d *drawer) string { return apiPrefix + "/cases/" + d.oneCase() }})
	return list
}

// drawer draws requests, the same for the same seed.
type drawer struct {
	r           *rand.Rand
	starts      []time.Time // of the eight quarters, and the end of the last
	processes   []string
	stages      map[string][]string // by process
	limits      []string            // process/limit
	departments []string
	cases       []string // process/case_id
}

func (b *bench) drawer(ctx context.Context) (*drawer, error) {
	d := &drawer{stages: make(map[string][]string)}
	for i := range 9 {
		d.starts = append(d.starts, analytics.DayStart(2024, time.Month(10+3*i), 1, b.zone()))
	}
	for i := range b.Handbook.Processes {
		p := &b.Handbook.Processes[i]
		d.processes = append(d.processes, p.Key)
		for j := range p.Stages {
			d.stages[p.Key] = append(d.stages[p.Key], p.Stages[j].Key)
		}
		for j := range p.Limits {
			d.limits = append(d.limits, p.Key+"/"+p.Limits[j].Key)
		}
	}
	var err error
	if d.departments, err = b.texts(ctx, departmentsSQL); err != nil {
		return nil, fmt.Errorf("list the departments: %w", err)
	}
	if d.cases, err = b.texts(ctx, someCasesSQL); err != nil {
		return nil, fmt.Errorf("pick some cases: %w", err)
	}
	return d, nil
}

const (
	departmentsSQL = "SELECT DISTINCT toString(department) AS department FROM task_events ORDER BY department"
	// A case is as likely to be picked as any.
	someCasesSQL = "SELECT concat(process, '/', case_id) FROM task_events WHERE sequence = '0001' ORDER BY sipHash64(case_id) LIMIT 500"
)

// texts reads a column of texts.
func (b *bench) texts(ctx context.Context, statement string) (texts []string, err error) {
	rows, err := b.Conn.Query(ctx, statement)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, rows.Err()
}

// begin makes the requests of a kind those of its name and the seed.
func (d *drawer) begin(name string, seed uint64) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	d.r = rand.New(rand.NewPCG(seed, h.Sum64())) //nolint:gosec // no secret
}

func pick[T any](d *drawer, list []T) T { return list[d.r.IntN(len(list))] }

// page is a page's quarter with some of the filters that it has.
func (d *drawer) page(filters ...string) url.Values {
	i := d.r.IntN(8)
	label := fmt.Sprintf("%dQ%d", d.starts[i].Year(), (int(d.starts[i].Month())+2)/3)
	return d.narrow(url.Values{"quarter": {label}}, filters...)
}

// narrow adds some of the filters: a process as often as not, a department
// sometimes, the others now and then.
func (d *drawer) narrow(values url.Values, filters ...string) url.Values {
	for _, f := range filters {
		chance := d.r.Float64()
		switch {
		case f == "process" && chance < 0.5:
			values.Set(f, pick(d, d.processes))
			if d.r.Float64() < 0.5 {
				values.Set(f, pick(d, commonest))
			}
		case f == "department" && chance < 0.2:
			values.Set(f, pick(d, d.departments))
		case f == "class" && chance < 0.1:
			values.Set(f, pick(d, []string{"core", "non_core"}))
		case f == "stage" && chance < 0.3 && values.Has("process"):
			values.Set(f, pick(d, d.stages[values.Get("process")]))
		case f == "limit_key" && chance < 0.2:
			values.Set(f, pick(d, d.limits))
		case f == "clock":
			values.Set(f, pick(d, []string{"working", "elapsed"}))
		case f == "bucket" && chance < 0.3:
			values.Set(f, pick(d, []string{"month", "month", "week"}))
		}
	}
	return values
}

func day(t time.Time) string { return t.Format(time.DateOnly) }

// quarter is the period of one quarter.
func (d *drawer) quarter() url.Values {
	i := d.r.IntN(8)
	return url.Values{"from": {day(d.starts[i])}, "to": {day(d.starts[i+1])}}
}

// twoQuarters are a quarter and the one before it.
func (d *drawer) twoQuarters() url.Values {
	i := 1 + d.r.IntN(7)
	return url.Values{
		"from": {day(d.starts[i])}, "to": {day(d.starts[i+1])},
		"before_from": {day(d.starts[i-1])}, "before_to": {day(d.starts[i])},
	}
}

// metric is a question for a metric: a course of some quarters by quarter, or a
// quarter or a year in smaller steps, by one of its groupings.
func (d *drawer) metric(of analytics.Description) url.Values {
	last := d.r.IntN(8)
	first := last
	bucket := analytics.BucketNone
	if len(of.Buckets) > 1 {
		switch chance := d.r.Float64(); {
		case chance < 0.4:
			bucket, first = analytics.BucketQuarter, max(0, last-d.r.IntN(8))
		case chance < 0.7:
			bucket, first = analytics.BucketMonth, max(0, last-3*d.r.IntN(2))
		case chance < 0.85:
			bucket = analytics.BucketWeek
		case chance < 0.95:
			bucket = analytics.BucketDay
		}
	}
	values := url.Values{"from": {day(d.starts[first])}, "to": {day(d.starts[last+1])}, "bucket": {string(bucket)}, "by": {string(pick(d, of.By))}}
	filters := slices.Clone(of.Filters)
	if slices.Contains(ofOneProcess, of.Metric) {
		filters = slices.DeleteFunc(filters, func(f string) bool { return f == "process" })
	}
	if len(of.Clocks) > 0 {
		filters = append(filters, "clock")
	}
	return d.narrow(values, filters...)
}

// caseList asks for the cases behind one of the commoner figures.
func (d *drawer) caseList() url.Values {
	values := d.narrow(d.quarter(), "process", "department", "clock")
	values.Set("about", pick(d, []string{"lead_time", "error_rate", "on_time_rate", "work_in_progress", "first_pass_yield", "faults"}))
	if values.Get("about") == "faults" {
		values.Del("clock")
	}
	if d.r.Float64() < 0.3 {
		values.Set("offset", strconv.Itoa(50*(1+d.r.IntN(5))))
	}
	return values
}

// oneCase is the rest of the path to a case.
func (d *drawer) oneCase() string {
	process, id, _ := strings.Cut(pick(d, d.cases), "/")
	return url.PathEscape(process) + "/" + url.PathEscape(id)
}
