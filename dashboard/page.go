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
	for _, name := range []string{
		"overview", "cases", "case", "absent", "empty", "definitions", "error", "operations", "letter", "replay",
		"satisfaction", "surveys", "survey_wave", "survey_wave_form", "survey_editor", "targets", "target", "target_form", "changes", "change", "change_form",
		"registers", "register", "team", "warnings",
	} {
		t, err := template.New(name).Funcs(template.FuncMap{"dict": dict}).
			ParseFS(templateFiles, "templates/layout.html", "templates/filters.html", "templates/card.html", "templates/delivery.html", "templates/export.html", "templates/promises.html", "templates/progress.html",
				"templates/"+name+".html")
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
	Nav        []navigation
	LanguageTo string // URL of this page in the other language
	AsOf       string
	Handbook   string // version
	Calendar   string // version
	// Provisional are years whose holidays are not announced; Promises is set
	// where all is told about handbook and calendar.
	Provisional string
	Promises    *promisesShown
	Timezone    string
	Version     string
	Notice      string
	Content     any

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
		Nav:      navigate(words, section, c.Request.URL.Query(), s.zone, sections{surveys: s.Surveys != nil, targets: s.Targets != nil, changes: s.Changes != nil, warnings: s.Warnings != nil}),
		Handbook: s.Handbook.Version, Calendar: s.calendarVersion(), Provisional: s.provisional(), Timezone: s.Handbook.Timezone,
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

// overview is the content of the Overview and of the analysis pages.
type overview struct {
	Eyebrow    string
	Heading    string
	Against    string // what the period is compared with
	InProgress bool
	Form       filterForm
	Sentences  []sentence
	Tiles      []tile
	Cards      [][]card
	Moves      *moves  // what changed most
	Warned     *remark // of the Overview: the warnings that stand
	// Absence and Nearest are set when the filters leave nothing to show.
	Absence     string
	Nearest     string
	NearestHref string
}

// begin reads what a page of figures is about. ok is false when the answer has
// been sent: the URL cannot be meant, or there is no data at all.
func (s *server) begin(c *gin.Context) (e enquiry, ok bool) {
	f, ok := parseFilters(c.Request.URL.Query(), s.zone)
	if !ok {
		s.errorPage(c, http.StatusBadRequest)
		return e, false
	}
	ctx := c.Request.Context()
	first, last, err := s.Metrics.Span(ctx)
	if err != nil {
		s.pageError(c, fmt.Errorf("read span: %w", err))
		return e, false
	}
	if last.IsZero() {
		s.emptyPage(c)
		return e, false
	}
	e = enquiry{
		metrics: s.Metrics, fiscal: s.fiscal, filters: f, lead: s.lead(f),
		first: s.fiscal.of(first), last: s.fiscal.of(last), firstData: first,
	}
	if e.decided, err = s.decidedNow(ctx); err != nil {
		s.pageError(c, err)
		return e, false
	}
	if f.Quarter == (quarter{}) {
		if e.filters.Quarter, err = s.usualQuarter(ctx, e); err != nil {
			s.pageError(c, err)
			return e, false
		}
	}
	return e, true
}

func (s *server) overviewPage(c *gin.Context) {
	e, ok := s.begin(c)
	if !ok {
		return
	}
	e.filters.From, e.filters.To = time.Time{}, time.Time{} // of the analysis pages, as are the next
	e.filters.Class, e.filters.Stage = "", ""
	ctx, f := c.Request.Context(), e.filters
	figures, err := e.gather(ctx)
	if err != nil {
		s.pageError(c, err)
		return
	}
	v := s.view(s.messages.In(language(c)), e.filters, e.lead, figures)
	v.decided = e.decided
	if figures.empty(f.Process != "") {
		s.absentPage(c, e, v, "/")
		return
	}
	content := v.overview()
	if content.Cards, err = v.cards(); err != nil {
		s.pageError(c, err)
		return
	}
	content.Sentences, content.Tiles = v.sentences(), v.tiles()
	content.Moves = s.overviewMoves(e, v).moves(figures.Moves)
	content.Warned = s.overviewNotice(c)
	s.render(c, http.StatusOK, "overview", s.page(c, "overview", content.Heading, figures.AsOf, content))
}

// overviewMoves writes what changed most on the Overview.
func (s *server) overviewMoves(e enquiry, v view) report {
	before := s.fiscal.before(e.filters, v.now, e.firstData)
	return report{view: v, before: before, asked: inquiry{enquiry: e, now: v.now, before: before}}
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
	return overview{Eyebrow: v.T("overview.eyebrow"), Heading: v.thisQuarter(), InProgress: v.begun && !v.complete, Form: v.form("/")}
}

// absentPage says that the chosen quarter has nothing under these filters, and
// leads to the nearest that has, or else to the same quarter without filters.
func (s *server) absentPage(c *gin.Context, e enquiry, v view, path string) {
	list, err := e.quarters(c.Request.Context())
	if err != nil {
		s.pageError(c, err)
		return
	}
	content := overview{Eyebrow: v.T("overview.eyebrow"), Heading: v.thisQuarter(), Form: v.form(path)}
	content.Absence = v.T("absent.reason", "quarter", v.thisQuarter(), "process", v.processName(), "department", v.departmentName())
	to := v.filters
	switch {
	case len(list) > 0:
		to.Quarter = nearest(list, to.Quarter)
		to.From, to.To = time.Time{}, time.Time{}
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
	content.NearestHref = to.at(path)
	s.render(c, http.StatusOK, "absent", s.page(c, sectionOf(path), content.Heading, v.figures.AsOf, content))
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
	p := s.page(c, "definitions", words.T("definitions.title"), s.asOf(c), definitions(words))
	p.Promises = s.promisesShown(words)
	s.render(c, http.StatusOK, "definitions", p)
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
	Key, Version string
	definitionText
}

// definitionText is what a metric means, in the words of one language.
type definitionText struct {
	Name       string `json:"name"`
	Definition string `json:"definition"`
	Formula    string `json:"formula"`
	Unit       string `json:"unit"`
	Source     string `json:"source"`
}

// defined is a metric in the words of one language: of pages, of the API and of
// exports alike.
func defined(words i18n.Messages, metric string) definitionText {
	of := func(part string) string { return words.T("metric." + metric + "." + part) }
	return definitionText{of("name"), of("definition"), of("formula"), of("unit"), of("source")}
}

func definitions(words i18n.Messages) []definition {
	var list []definition
	for _, d := range analytics.Catalogue() {
		list = append(list, definition{d.Metric, d.Version, defined(words, d.Metric)})
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
