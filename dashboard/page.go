package dashboard

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics"
	"example.com/officepulse/dashboard/i18n"
)

//go:embed templates
var templateFiles embed.FS

// loadTemplates parses every page together with the layout that surrounds it.
func loadTemplates() (map[string]*template.Template, error) {
	all := map[string]*template.Template{}
	for _, name := range []string{"overview", "absent", "empty", "definitions", "error", "operations", "letter", "replay"} {
		t, err := template.New(name).Funcs(template.FuncMap{"dict": dict}).
			ParseFS(templateFiles, "templates/layout.html", "templates/filters.html", "templates/delivery.html", "templates/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("parse template %s: %w", name, err)
		}
		all[name] = t
	}
	return all, nil
}

// dict hands a partial template more than one value: name, value, name, value.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("dict needs pairs of name and value")
	}
	values := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict needs a name, not %v", pairs[i])
		}
		values[name] = pairs[i+1]
	}
	return values, nil
}

// page is what the layout shows around a page's own content.
type page struct {
	i18n.Messages
	Title      string
	Section    string // of the navigation
	LanguageTo string // URL of this page in the other language
	AsOf       string
	Handbook   string // version
	Timezone   string
	Version    string
	Notice     string
	Content    any

	assets assets
}

// Asset is the URL of a static file, "" when it was not embedded.
func (p page) Asset(name string) string { return p.assets.url(name) }

// Tag is the language for the html element.
func (p page) Tag() string {
	if p.Language == i18n.English {
		return "en"
	}
	return "zh-CN"
}

func (s *server) page(c *gin.Context, section, title string, asOf time.Time, content any) page {
	words := s.messages.In(language(c))
	p := page{
		Messages: words, Section: section, Title: title, Content: content, assets: s.assets,
		LanguageTo: switched(c.Request.URL, words.Language.Other()), Version: s.Version, Notice: s.Notice,
		Handbook: s.Handbook.Version, Timezone: s.Handbook.Timezone,
	}
	if !asOf.IsZero() {
		p.AsOf = asOf.In(s.zone).Format("2006-01-02 15:04")
	}
	return p
}

// render sends a page whole or not at all.
func (s *server) render(c *gin.Context, status int, name string, p page) {
	var b bytes.Buffer
	if err := s.templates[name].ExecuteTemplate(&b, "layout", p); err != nil {
		s.Logger.ErrorContext(c.Request.Context(), "render page", "page", name, "error", err)
		c.String(http.StatusInternalServerError, "the page cannot be shown; the server's log says why\n")
		return
	}
	h := c.Writer.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Accept-Language, Cookie")
	c.Data(status, "text/html; charset=utf-8", b.Bytes())
}

// option is an entry of a filter.
type option struct {
	Key, Name string
	Chosen    bool
}

// filterForm is the row of filters above the figures.
type filterForm struct {
	Quarters, Processes, Departments, Clocks []option
	Language                                 i18n.Language // kept in the URL when it was there
}

// overview is the content of the Overview.
type overview struct {
	Heading    string
	InProgress bool
	Form       filterForm
	Sentences  []sentence
	Tiles      []tile
	Cards      [][]card
	// Absence and Nearest are set when the filters leave nothing to show.
	Absence     string
	Nearest     string
	NearestHref string
}

func (s *server) overviewPage(c *gin.Context) {
	f, ok := parseFilters(c.Request.URL.Query())
	if !ok {
		s.errorPage(c, http.StatusBadRequest)
		return
	}
	ctx := c.Request.Context()
	first, last, err := s.Metrics.Span(ctx)
	if err != nil {
		s.pageError(c, fmt.Errorf("read span: %w", err))
		return
	}
	if last.IsZero() {
		s.emptyPage(c)
		return
	}
	e := enquiry{
		metrics: s.Metrics, fiscal: s.fiscal, filters: f, lead: s.lead(f),
		first: s.fiscal.of(first), last: s.fiscal.of(last),
	}
	if f.Quarter == (quarter{}) {
		if e.filters.Quarter, err = s.usualQuarter(ctx, e); err != nil {
			s.pageError(c, err)
			return
		}
	}
	figures, err := e.gather(ctx)
	if err != nil {
		s.pageError(c, err)
		return
	}
	v := s.view(s.messages.In(language(c)), e.filters, e.lead, figures)
	if figures.empty(f.Process != "") {
		s.absentPage(c, e, v)
		return
	}
	content := v.overview()
	if content.Cards, err = v.cards(); err != nil {
		s.pageError(c, err)
		return
	}
	content.Sentences, content.Tiles = v.sentences(), v.tiles()
	s.render(c, http.StatusOK, "overview", s.page(c, "overview", content.Heading, figures.AsOf, content))
}

// lead is the process whose times the Overview shows.
func (s *server) lead(f filters) string {
	if f.Process != "" {
		return f.Process
	}
	return s.Handbook.Headline
}

// usualQuarter is the one that a page opens with: the newest complete one in
// which the filters leave something to show or, where there is none at all, the
// newest complete one with any data.
func (s *server) usualQuarter(ctx context.Context, e enquiry) (quarter, error) {
	e.filters.Quarter = e.last
	list, err := e.quarters(ctx)
	if err == nil && len(list) == 0 {
		e.filters.Process, e.filters.Department = "", ""
		list, err = e.quarters(ctx)
	}
	if err != nil {
		return quarter{}, err
	}
	if len(list) == 0 {
		return e.last, nil
	}
	return s.fiscal.usual(list, s.Now()), nil
}

// overview is the page without its figures: the heading and the filters.
func (v view) overview() overview {
	return overview{Heading: v.thisQuarter(), InProgress: v.begun && !v.complete, Form: v.form()}
}

// maxQuarterOptions is every quarter that can be chosen.
const maxQuarterOptions = 4 * (lastYear - firstYear)

func (v view) form() filterForm {
	form := filterForm{Language: v.filters.Language}
	seen := false
	for q := v.figures.Last; q.minus(v.figures.First) >= 0 && len(form.Quarters) < maxQuarterOptions; q = q.add(-1) {
		chosen := q == v.filters.Quarter
		seen = seen || chosen
		form.Quarters = append(form.Quarters, option{q.String(), q.String(), chosen})
	}
	if !seen {
		q := v.filters.Quarter.String()
		form.Quarters = append(form.Quarters, option{q, q, true})
	}
	var processes, departments []string
	for _, p := range v.names.handbook.Processes {
		processes = append(processes, p.Key)
	}
	for _, d := range v.names.handbook.Departments {
		departments = append(departments, d.Key)
	}
	form.Processes = choices(processes, v.figures.ProcessKeys, v.filters.Process, v.names.process)
	form.Departments = choices(departments, v.figures.DepartmentKeys, v.filters.Department, v.names.department)
	for _, clock := range []analytics.Clock{analytics.ClockWorking, analytics.ClockElapsed} {
		form.Clocks = append(form.Clocks, option{string(clock), v.T("clock." + string(clock)), clock == v.filters.Clock})
	}
	return form
}

// choices are the keys that the handbook has, then those that only the data
// has, then the chosen one if neither knows it.
func choices(handbook, data []string, chosen string, name func(string) string) []option {
	all := slices.Clone(handbook)
	for _, key := range append(slices.Clone(data), chosen) {
		if key != "" && !slices.Contains(all, key) {
			all = append(all, key)
		}
	}
	list := make([]option, len(all))
	for i, key := range all {
		list[i] = option{key, name(key), key == chosen}
	}
	return list
}

// absentPage says that the chosen quarter has nothing under these filters, and
// leads to the nearest that has, or else to the same quarter without filters.
func (s *server) absentPage(c *gin.Context, e enquiry, v view) {
	list, err := e.quarters(c.Request.Context())
	if err != nil {
		s.pageError(c, err)
		return
	}
	content := v.overview()
	content.Absence = v.T("absent.reason", "quarter", v.thisQuarter(), "process", v.processName(), "department", v.departmentName())
	to := v.filters
	switch {
	case len(list) > 0:
		to.Quarter = nearest(list, to.Quarter)
		content.Nearest = v.T("absent.nearest", "quarter", quarterName(v.words, to.Quarter))
	case to.Department == "":
		to.Process = ""
		content.Nearest = v.T("absent.all_processes")
	default:
		to.Process, to.Department = "", ""
		content.Nearest = v.T("absent.without_filters")
	}
	if reason := v.strange(); reason != "" {
		content.Absence = reason
	}
	content.NearestHref = to.href()
	s.render(c, http.StatusOK, "absent", s.page(c, "overview", content.Heading, v.figures.AsOf, content))
}

// strange says that the chosen process has no completed case in any period, and
// whether the handbook knows it at all; "" when it has some.
func (v view) strange() string {
	key := v.filters.Process
	if key == "" || slices.Contains(v.figures.ProcessKeys, key) {
		return ""
	}
	if _, known := v.names.handbook.Process(key); known {
		return v.T("absent.process_unused", "process", v.processName())
	}
	return v.T("absent.process_unknown", "process", clip(key))
}

// emptyPage greets an office that has not sent anything yet, and shows how to
// under the address by which it was reached.
func (s *server) emptyPage(c *gin.Context) {
	words := s.messages.In(language(c))
	s.render(c, http.StatusOK, "empty", s.page(c, "overview", words.T("empty.title"), time.Time{}, "http://"+c.Request.Host))
}

func (s *server) definitionsPage(c *gin.Context) {
	words := s.messages.In(language(c))
	s.render(c, http.StatusOK, "definitions", s.page(c, "definitions", words.T("definitions.title"), s.asOf(c), definitions(words)))
}

// asOf is how far the store has come, for pages that hold without it.
func (s *server) asOf(c *gin.Context) time.Time {
	asOf, err := s.Metrics.AsOf(c.Request.Context())
	if err != nil {
		s.Logger.WarnContext(c.Request.Context(), "read as-of", "error", err)
	}
	return asOf
}

// definition says what a metric is.
type definition struct {
	Key, Name, Definition, Formula, Unit, Source string
}

func definitions(words i18n.Messages) []definition {
	var list []definition
	for _, key := range analytics.Names() {
		list = append(list, definition{
			Key: key, Name: words.T("metric." + key + ".name"), Definition: words.T("metric." + key + ".definition"),
			Formula: words.T("metric." + key + ".formula"), Unit: words.T("metric." + key + ".unit"),
			Source: words.T("metric." + key + ".source"),
		})
	}
	return list
}

// failure is the content of an error page.
type failure struct {
	Status      int
	What, Why   string
	Retry, Home string // URLs
}

func (s *server) pageError(c *gin.Context, err error) {
	if errors.Is(c.Request.Context().Err(), context.Canceled) {
		return // nobody reads it
	}
	s.errorPage(c, s.status(c, err))
}

// errorPage says what went wrong; reasons, if there are any, say it more closely
// than the words for the status.
func (s *server) errorPage(c *gin.Context, status int, reasons ...string) {
	words := s.messages.In(language(c))
	kind := "failed"
	switch status {
	case http.StatusBadRequest:
		kind = "bad_request"
	case http.StatusNotFound:
		kind = "not_found"
	case http.StatusGatewayTimeout:
		kind = "timeout"
	case http.StatusForbidden, http.StatusRequestEntityTooLarge:
		kind = "refused"
	}
	again := url.URL{Path: c.Request.URL.Path, RawQuery: c.Request.URL.RawQuery}
	f := failure{Status: status, What: words.T("error." + kind + ".what"), Why: words.T("error." + kind + ".why"), Retry: again.String(), Home: "/"}
	if len(reasons) > 0 {
		f.Why = strings.Join(reasons, " ")
	}
	acted := c.Request.Method == http.MethodPost
	if status < http.StatusInternalServerError || acted { // asking the same again would not help, or cannot be done by a link
		f.Retry = ""
	}
	p := s.page(c, "", f.What, time.Time{}, f)
	if acted {
		p.LanguageTo = switched(&url.URL{Path: f.Home}, p.Language.Other())
	}
	s.render(c, status, "error", p)
}
