package pagebench

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Report is what a run has found.
type Report struct {
	Options     Options   `json:"options"`
	Started     time.Time `json:"started"`
	Machine     string    `json:"machine"`
	Stored      uint64    `json:"task_events"`  // rows, redelivered ones as long as they are not merged away
	Faults      uint64    `json:"fault_events"` // likewise
	Answers     uint64    `json:"answer_events"`
	Departments int       `json:"departments"`

	Fill        float64 `json:"fill_seconds"`
	Rebuild     float64 `json:"rebuild_seconds"`
	RebuildRate float64 `json:"rebuild_events_per_second"`
	ReadyPages  int     `json:"ready_pages"`
	Ready       float64 `json:"ready_seconds"`
	ReadyCut    bool    `json:"ready_cut"` // there was no time for more

	Shape    []Figure   `json:"shape"`
	Tables   []Table    `json:"tables"`
	Measured []Measured `json:"measured"`
	Disks    []Disk     `json:"disks"`
	Peaks    []Peak     `json:"peaks"`
	Wrong    []string   `json:"wrong"`
	wrongs   int        // those that Wrong has no room for, too
}

// Measured is how long one page or query took.
type Measured struct {
	Kind   string `json:"kind"`
	Page   bool   `json:"page,omitempty"`
	Alone  Times  `json:"alone"`   // one request after another
	AtOnce Times  `json:"at_once"` // from four clients
	Warm   Times  `json:"warm"`    // one after another, of a service that has pages ready and remembers answers
	Raw    Raw    `json:"raw"`
}

// Times are milliseconds at the server.
type Times struct {
	N   int     `json:"n"`
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	Max float64 `json:"max"`
}

// Raw compares some requests with the same ones asked of the raw events.
type Raw struct {
	N          int     `json:"n"`
	Raw        float64 `json:"raw"`    // milliseconds, mean
	Served     float64 `json:"served"` // likewise, of the same requests
	Ratio      float64 `json:"ratio"`
	Unfinished string  `json:"unfinished,omitempty"` // why there were not more
}

// mostWrong is how many mistakes are written out.
const mostWrong = 50

func (r *Report) wrong(format string, values ...any) {
	if r.wrongs++; len(r.Wrong) < mostWrong {
		r.Wrong = append(r.Wrong, fmt.Sprintf(format, values...))
	}
}

// refused notes an answer that is none.
func (r *Report) refused(kind string, got answer) {
	path, _ := url.QueryUnescape(got.path)
	r.wrong("%s: %s: %d %v %.300s", kind, path, got.status, got.err, got.body)
}

// verdict is an error that matches [ErrWrong] if anything was wrong.
func (r *Report) verdict() error {
	if r.wrongs == 0 {
		return nil
	}
	return fmt.Errorf("%w: %d faults, the first of them:\n%s", ErrWrong, r.wrongs, strings.Join(r.Wrong, "\n"))
}

// JSON is the report for programs.
func (r *Report) JSON() ([]byte, error) { return json.MarshalIndent(r, "", "  ") }

// Markdown is the report for people. against may be a report of fewer events, so
// that the growth of the latency can be seen.
func (r *Report) Markdown(against *Report) string {
	var b strings.Builder
	line := func(format string, values ...any) { fmt.Fprintf(&b, format+"\n", values...) }
	line("# Pages and API at %s task events\n", count(r.Stored))
	line("%s, on %s. %s fault events, %s answers, %d departments, eight quarters; seed %d.\n",
		r.Started.Format("2006-01-02 15:04 MST"), r.Machine, count(r.Faults), count(r.Answers), r.Departments, r.Options.Seed)
	line("Times are milliseconds at the server, from the call of the pages' handler to its return. Of \"cold\" and \"4 at once\" every request finds nothing remembered of earlier ones; \"ready\" is a service as it runs, which has the pages that are opened most be ready and remembers answers. "+
		"%d requests of each kind were asked for, or as many as %s allow (n). \"raw\" is the mean of some of the same requests (n) answered from the raw events, and \"×\" by how much the served answer was faster. "+
		"Ratios hold, absolute times are this machine's.\n", r.Options.Requests, r.Options.Budget)
	earlier := map[string]Measured{}
	growth, rule := "", ""
	if against != nil {
		growth, rule = fmt.Sprintf(" ready: p95 ÷ that at %s | cold: likewise |", count(against.Stored)), "---:|---:|"
		for _, m := range against.Measured {
			earlier[m.Kind] = m
		}
	}
	line("| page or query | ready: n | p50 | p95 | max | cold: n | p50 | p95 | max | 4 at once: n | p50 | p95 | max | raw: n | raw | × |%s", growth)
	line("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|%s", rule)
	for _, m := range r.Measured {
		grown := ""
		if against != nil {
			grown = " | |"
			if e, ok := earlier[m.Kind]; ok && e.Alone.P95 > 0 {
				grown = fmt.Sprintf(" %.2f | %.2f |", m.Warm.P95/max(e.Warm.P95, 0.001), m.Alone.P95/e.Alone.P95)
			}
		}
		line("| %s | %s | %s | %s | %s |%s", m.Kind, m.Warm.cells(), m.Alone.cells(), m.AtOnce.cells(), m.Raw.cells(), grown)
	}
	for _, m := range r.Measured {
		if m.Raw.Unfinished != "" {
			line("\nRaw %s: %s", m.Kind, strings.ReplaceAll(m.Raw.Unfinished, "\n", " "))
		}
	}
	r.stores(line)
	r.looks(line)
	if r.wrongs > 0 {
		line("\n## %d faults\n", r.wrongs)
		for _, w := range r.Wrong {
			line("- %s", strings.ReplaceAll(w, "\n", " "))
		}
	}
	return b.String()
}

func (t Times) cells() string {
	return fmt.Sprintf("%d | %s | %s | %s", t.N, ms(t.P50), ms(t.P95), ms(t.Max))
}

func (r Raw) cells() string {
	if r.N == 0 {
		return "0 | – | –"
	}
	return fmt.Sprintf("%d | %s | %.1f", r.N, ms(r.Raw), r.Ratio)
}

// stores tells what was stored, how fast and at what price.
func (r *Report) stores(line func(string, ...any)) {
	line("\n## Storage and memory\n")
	line("Filled in %.0f s (%s events/s). Derived tables rebuilt in %.1f s (%s events/s).\n",
		r.Fill, count(uint64(float64(r.Stored)/max(r.Fill, 0.001))), r.Rebuild, count(uint64(r.RebuildRate)))
	cut := ""
	if r.ReadyCut {
		cut = ", when the time for that was over"
	}
	line("%d pages of eight quarters were ready after %.0f s%s.\n", r.ReadyPages, r.Ready, cut)
	line("| table | rows | bytes | bytes a task event | uncompressed | parts |")
	line("|---|---:|---:|---:|---:|---:|")
	total := uint64(0)
	for _, d := range r.Disks {
		total += d.Bytes
		line("| %s | %s | %s | %.2f | %s | %d |", d.Table, count(d.Rows), count(d.Bytes), float64(d.Bytes)/float64(max(1, r.Stored)), count(d.Uncompressed), d.Parts)
	}
	line("| all | | %s | %.2f | | |", count(total), float64(total)/float64(max(1, r.Stored)))
	line("\n| highest resident memory, MB | engine | program (with the bench's clients) |")
	line("|---|---:|---:|")
	for _, p := range r.Peaks {
		line("| %s | %d | %d |", p.Phase, p.Engine>>20, p.Program>>20)
	}
}

// looks tells what the office looks like.
func (r *Report) looks(line func(string, ...any)) {
	line("\n## What the office looks like\n")
	var quarters []string
	for _, f := range r.Shape {
		if list := slices.Sorted(maps.Keys(f.Values)); len(list) > len(quarters) {
			quarters = list
		}
	}
	line("| metric | process | unit | %s |", strings.Join(quarters, " | "))
	line("|---|---|---|%s", strings.Repeat("---:|", len(quarters)))
	for _, f := range r.Shape {
		unit := f.Unit
		var cells []string
		for _, q := range quarters {
			v := f.Values[q]
			if f.Unit == "seconds" && f.Metric != counted {
				v, unit = v/3600, "office hours"
			}
			cells = append(cells, fmt.Sprintf("%.4g", v))
		}
		line("| %s | %s | %s | %s |", f.Metric, f.Process, unit, strings.Join(cells, " | "))
	}
	for _, t := range r.Tables {
		text, err := json.Marshal(t.Rows)
		if err != nil {
			text = []byte(err.Error())
		}
		line("\n%s (%s in all), the first: `%.700s`", t.Metric, count(t.N), text)
	}
}

// ms writes milliseconds with three figures.
func ms(v float64) string {
	if v >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

// count writes a number with spaces between thousands.
func count(n uint64) string {
	text := strconv.FormatUint(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + " " + text[i:]
	}
	return text
}
