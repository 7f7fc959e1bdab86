package dashboard

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/anonymity"
	"example.com/officepulse/analytics/figure"
	"example.com/officepulse/surveys/results"
)

func (r *satisfactionReport) cards() ([][]card, error) {
	var err error
	draw := func(make func() (card, error)) card {
		if err != nil {
			return card{}
		}
		var c card
		c, err = make()
		return c
	}
	rows := [][]card{
		{draw(r.departmentCard), draw(r.trendCard)},
		{draw(r.questionCard), draw(r.quadrantCard)},
		{draw(r.rankingCard), draw(r.responseCard)},
	}
	return rows, err
}

// card begins a card; part is the table of the answer that its CSV has.
func (r *satisfactionReport) card(id, part string) card {
	c := card{
		ID: id, Title: r.T("page.satisfaction." + id + ".title"), Unit: r.T("measure.score.unit"), Definition: "/definitions#satisfaction",
		Subject: r.T("page.satisfaction.subject", "wave", r.now.Wave), Meta: r.T("page.satisfaction.meta", "n", count(uint64(r.now.Rule.Scores))), //nolint:gosec // a threshold
		Empty: r.T("page.satisfaction." + id + ".empty"), Table: table{Caption: r.T("page.satisfaction." + id + ".title")},
	}
	if part != "" {
		c.Export = r.exports("/api/v1/satisfaction/"+r.now.Wave, url.Values{"part": {part}}, c.Title)
	}
	return c
}

// sinceWave is the label of what a figure is compared with.
func (r *satisfactionReport) sinceWave() string {
	if r.since == nil {
		return r.T("page.satisfaction.no_before")
	}
	return r.since.Before
}

// departmentCard draws each department with its interval and what it was before,
// the best first; hidden ones stand below, without a point.
func (r *satisfactionReport) departmentCard() (card, error) {
	c := r.card("departments", "departments")
	c.Tall = true
	c.Legend = []legendEntry{{"dot-before", r.sinceWave()}, {"dot-now", r.now.Wave}}
	c.Table.Head = []string{
		r.T("table.department"), r.now.Wave, r.T("chart.interval"), r.sinceWave(), r.T("table.change"), r.T("page.satisfaction.change_interval"), r.T("page.satisfaction.tile.share"), "n",
	}
	list := make([]*results.Department, len(r.now.Departments))
	for i := range list {
		list[i] = &r.now.Departments[i]
	}
	slices.SortStableFunc(list, func(a, b *results.Department) int {
		return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(value(b.Mean), value(a.Mean)))
	})
	var drawn []ranged
	hidden := 0
	for _, d := range list {
		name := r.departmentName(d.Department)
		if d.Hidden != anonymity.Shown {
			why := r.hidden(d.Hidden)
			c.Table.Rows = append(c.Table.Rows, tableCells(name, why, "", "", "", "", "", ""))
			drawn = append(drawn, ranged{name: name + r.T("page.satisfaction.hidden.mark")})
			hidden++
			continue
		}
		row := ranged{name: name, now: d.Mean, low: d.MeanLow, high: d.MeanHigh, few: d.Indicative}
		cells := tableCells(name, number(*d.Mean, 1), r.fromTo(d.MeanLow, d.MeanHigh, 1), "", "", "", shareText(d.Share), r.countText(d.N))
		if ch := r.departmentChange(d.Department); ch != nil {
			row.before = ch.Before
			cells[3].Text, cells[4].Text, cells[5].Text = number(*ch.Before, 1), r.changeText(ch), r.fromToSigned(ch.MeanLow, ch.MeanHigh)
		}
		drawn = append(drawn, row)
		c.Table.Rows = append(c.Table.Rows, cells)
	}
	c.N = r.T("card.n", "n", count(r.now.Overall.N))
	if r.now.Overall.Departments == 0 {
		return c, nil
	}
	c.Caption = r.T("page.satisfaction.departments.caption", "shown", count(uint64(r.now.Overall.Departments))) //nolint:gosec // departments
	if hidden > 0 {
		c.Caption += r.T("page.satisfaction.departments.hidden", "hidden", count(uint64(hidden)), "n", count(uint64(r.now.Rule.Scores))) //nolint:gosec // counts
	}
	if len(drawn) > maxDepartmentRows {
		c.Caption += r.T("page.satisfaction.departments.more", "n", count(maxDepartmentRows))
		drawn = drawn[:maxDepartmentRows]
	}
	c.Height = heightOf(len(drawn))
	var err error
	c.Chart, err = encode(scores("department_scores", drawn, r.sinceWave(), r.now.Wave), c.Unit, 1)
	return c, err
}

// order puts what is shown before what is hidden, and what nobody answered last.
func order(d *results.Department) int {
	switch d.Hidden {
	case anonymity.Shown:
		return 0
	case anonymity.NoAnswer:
		return 2
	default:
		return 1
	}
}

func value(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}

// heightOf is the class of a chart with so many rows; "" for the usual two.
func heightOf(rows int) string {
	switch {
	case rows > 12:
		return "higher"
	case rows > 8:
		return "high"
	default:
		return ""
	}
}

// scores draws intervals on a part of the scale that holds them with room to spare.
func scores(id string, rows []ranged, before, now string) *charts.Scatter {
	c := intervals(id, rows, before, now)
	var all []*float64
	for i := range rows {
		all = append(all, rows[i].now, rows[i].before)
		if !rows[i].few {
			all = append(all, rows[i].low, rows[i].high)
		}
	}
	floor, ceiling := scoreRange(all...)
	for i := range c.XAxisList {
		c.XAxisList[i].Min, c.XAxisList[i].Max = floor, ceiling
	}
	return c
}

func (r *satisfactionReport) fromTo(low, high *float64, by float64) string {
	if low == nil || high == nil {
		return "—"
	}
	return r.T("page.from_to", "low", number(*low*by, 1), "high", number(*high*by, 1))
}

func (r *satisfactionReport) fromToSigned(low, high *float64) string {
	if low == nil || high == nil {
		return "—"
	}
	return r.T("page.from_to", "low", signed(*low, 1), "high", signed(*high, 1))
}

func (r *satisfactionReport) changeText(c *results.WaveChange) string {
	ch := r.change(c.Mean, c.MeanLow, c.MeanHigh, "score")
	return ch.Text + r.T("list.dot") + r.T("verdict."+string(ch.Verdict))
}

func shareText(v *float64) string {
	if v == nil {
		return "—"
	}
	return number(100**v, 1) + "%"
}

func (r *satisfactionReport) countText(n uint64) string {
	if n < results.Indicative {
		return count(n) + " " + r.T("page.satisfaction.indicative")
	}
	return count(n)
}

// trendCard draws the simple mean over the waves.
func (r *satisfactionReport) trendCard() (card, error) {
	c := r.card("trend", "")
	name, _, _ := strings.Cut(r.now.Questionnaire, ".v")
	c.Export = r.exports("/api/v1/satisfaction-trend/"+name, nil, c.Title)
	c.Subject = r.T("page.satisfaction.trend.subject")
	c.Table.Head = []string{r.T("page.satisfaction.choose"), r.T("page.satisfaction.tile.mean"), r.T("chart.interval"), r.T("page.satisfaction.tile.share"), "n"}
	i := slices.IndexFunc(r.trend.Series, func(s results.TrendSeries) bool { return s.By == "overall" })
	if i < 0 {
		return c, nil
	}
	points := r.trend.Series[i].Points
	labels, means := make([]string, len(points)), make([]*float64, len(points))
	lows, highs := make([]*float64, len(points)), make([]*float64, len(points))
	for j := range points {
		p := &points[j]
		labels[j], means[j], lows[j], highs[j] = strings.TrimPrefix(p.Wave, "20"), p.Mean, p.MeanLow, p.MeanHigh
	}
	for _, p := range slices.Backward(points) {
		c.Table.Rows = append(c.Table.Rows, tableCells(p.Wave, number(*p.Mean, 1), r.fromTo(p.MeanLow, p.MeanHigh, 1), shareText(p.Share), count(p.N)))
	}
	first, last := &points[0], &points[len(points)-1]
	floor, _ := scoreRange(slices.Concat(means, lows, highs)...)
	c.N = r.T("card.n", "n", count(last.N))
	c.Legend = []legendEntry{{"line-main", r.T("page.satisfaction.tile.mean")}, {"line-dotted", r.T("chart.interval")}}
	c.Caption = r.T("page.satisfaction.trend.caption", "from", first.Wave, "to", last.Wave, "before", number(*first.Mean, 1), "now", number(*last.Mean, 1))
	if len(points) == 1 {
		c.Caption = r.T("page.satisfaction.trend.caption_one", "to", last.Wave, "now", number(*last.Mean, 1))
	}
	if floor > 0 {
		c.Caption += r.T("caption.floor", "value", number(floor, 0))
	}
	var err error
	drawn := trendChart("satisfaction_trend", labels, floor,
		line{r.T("page.satisfaction.low"), lows, strokeQuiet}, line{r.T("page.satisfaction.high"), highs, strokeQuiet},
		line{r.T("page.satisfaction.tile.mean"), means, strokeMain})
	goals := r.decided.goals(figure.Figure{Metric: "satisfaction", Value: analytics.ValueMean})
	r.recordView(r.words.Language).addTargets(&c, drawn, goals, len(labels))
	addMarks(drawn, r.recordView(r.words.Language).marks(r.decided.changes, "", "", r.waveSpans(points, labels)))
	c.Chart, err = encode(drawn, c.Unit, trendDecimals)
	return c, err
}

// waveSpans are the quarters that waves ask about.
func (r *satisfactionReport) waveSpans(points []results.TrendPoint, labels []string) (list []span) {
	for i := range points {
		if q, ok := parseQuarter(points[i].Quarter); ok {
			list = append(list, span{labels[i], r.fiscal.start(q), r.fiscal.end(q)})
		}
	}
	return list
}

// questionCard draws every question of all answers.
func (r *satisfactionReport) questionCard() (card, error) {
	c := r.card("questions", "questions")
	c.Legend = []legendEntry{{"dot-before", r.sinceWave()}, {"dot-now", r.now.Wave}}
	c.Table.Head = []string{
		r.T("page.satisfaction.question"), r.now.Wave, r.T("chart.interval"), r.T("table.change"), r.T("page.satisfaction.change_interval"),
		r.T("page.satisfaction.tile.share"), r.T("chart.interval"), "NPS", "n",
	}
	var drawn []ranged
	var lowest, highest *results.Question
	for i := range r.now.Questions {
		q := &r.now.Questions[i]
		name := shortText(q.Text.In(string(r.words.Language)))
		if q.Hidden != anonymity.Shown {
			c.Table.Rows = append(c.Table.Rows, tableCells(name, r.hidden(q.Hidden), "", "", "", "", "", "", ""))
			continue
		}
		cells := tableCells(name, "—", r.fromTo(q.MeanLow, q.MeanHigh, 1), "—", "—", shareText(q.Share), r.fromTo(q.ShareLow, q.ShareHigh, 100), "—", r.countText(q.N))
		if q.NPS != nil {
			cells[7].Text = signed(*q.NPS, 0) + " (" + r.fromToSigned(q.NPSLow, q.NPSHigh) + ")"
		}
		if q.Mean == nil {
			c.Table.Rows = append(c.Table.Rows, cells)
			continue
		}
		cells[1].Text = number(*q.Mean, 1)
		row := ranged{name: name, now: q.Mean, low: q.MeanLow, high: q.MeanHigh, few: q.Indicative}
		if ch := r.questionChange(q.Question); ch != nil && ch.Mean != nil {
			row.before = ch.Before
			cells[3].Text, cells[4].Text = r.changeText(ch), r.fromToSigned(ch.MeanLow, ch.MeanHigh)
		}
		c.Table.Rows = append(c.Table.Rows, cells)
		drawn = append(drawn, row)
		if lowest == nil || *q.Mean < *lowest.Mean {
			lowest = q
		}
		if highest == nil || *q.Mean > *highest.Mean {
			highest = q
		}
	}
	if lowest == nil {
		return c, nil
	}
	c.N = r.T("card.n", "n", count(lowest.N))
	c.Subject = r.T("page.satisfaction.questions.subject", "wave", r.now.Wave)
	c.Caption = r.T("page.satisfaction.questions.caption", "question", shortText(lowest.Text.In(string(r.words.Language))), "figure", number(*lowest.Mean, 1))
	if lowest != highest && number(*lowest.Mean, 1) == number(*highest.Mean, 1) {
		c.Caption = r.T("page.satisfaction.questions.caption_alike", "figure", number(*lowest.Mean, 1))
	}
	c.Height = heightOf(len(drawn))
	var err error
	c.Chart, err = encode(scores("question_scores", drawn, r.sinceWave(), r.now.Wave), c.Unit, 1)
	return c, err
}

// shortText is a question up to its first colon, which is what it is about.
func shortText(text string) string {
	if at := strings.IndexAny(text, "：:"); at > 0 {
		text = text[:at]
	}
	const most = 24
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most-1]) + "…"
	}
	return text
}

// rankingCard ranks by the shrunk score, the raw mean beside it.
func (r *satisfactionReport) rankingCard() (card, error) {
	c := r.card("ranking", "departments")
	c.Table.Head = []string{r.T("table.department"), r.T("page.satisfaction.ranking.rank"), r.T("page.satisfaction.ranking.shrunk"), r.T("page.satisfaction.ranking.raw"), "n"}
	var list []*results.Department
	for i := range r.now.Departments {
		if r.now.Departments[i].Rank > 0 {
			list = append(list, &r.now.Departments[i])
		}
	}
	slices.SortStableFunc(list, func(a, b *results.Department) int { return a.Rank - b.Rank })
	for _, d := range list {
		c.Table.Rows = append(c.Table.Rows, tableCells(r.departmentName(d.Department), count(uint64(d.Rank)), number(*d.Shrunk, 1), number(*d.Mean, 1), r.countText(d.N))) //nolint:gosec // ranks
	}
	c.Plain = len(list) > 0
	c.Notes = []string{r.T("page.satisfaction.ranking.note")}
	return c, nil
}

// responseCard lists how many answered.
func (r *satisfactionReport) responseCard() (card, error) {
	c := r.card("response", "departments")
	c.Unit = "%"
	c.Table.Head = []string{r.T("table.department"), r.T("page.satisfaction.tile.response"), r.T("page.satisfaction.response.answered"), r.T("page.satisfaction.response.expected")}
	for i := range r.now.Departments {
		d := &r.now.Departments[i]
		c.Table.Rows = append(c.Table.Rows, tableCells(r.departmentName(d.Department), number(100*d.Rate, 1)+"%", count(uint64(d.Answered)), count(uint64(d.Expected)))) //nolint:gosec // people
	}
	c.Table.Rows = append(c.Table.Rows, tableCells(r.T("table.total"), number(100*r.now.Response.Rate, 1)+"%", count(uint64(r.now.Response.Answered)), count(uint64(r.now.Response.Expected)))) //nolint:gosec // people
	c.Plain = true
	return c, nil
}

// quadrantCard draws each service by what was measured and what people say.
func (r *satisfactionReport) quadrantCard() (card, error) {
	c := r.card("quadrant", "")
	c.Export = r.exports("/api/v1/satisfaction/"+r.now.Wave+"/quadrant", nil, c.Title)
	c.Subject = r.T("page.satisfaction.quadrant.subject", "quarter", r.now.Quarter)
	c.Unit = r.T("page.satisfaction.quadrant.unit")
	c.Table.Head = []string{r.T("page.satisfaction.quadrant.service"), r.T("page.satisfaction.tile.mean"), r.T("metric.on_time_rate.name"), r.T("page.satisfaction.quadrant.standing"), "n"}
	var points []servicePoint
	odd := []string{}
	for i := range r.stood.Services {
		one := &r.stood.Services[i]
		name := r.serviceName(r.words, r.now, one)
		cells := tableCells(name, "—", shareText(one.OnTime), "—", count(one.N))
		if one.Hidden != anonymity.Shown {
			cells[1].Text = r.hidden(one.Hidden)
		}
		if one.Score != nil {
			cells[1].Text = number(*one.Score, 1)
		}
		if one.Standing != "" {
			cells[3].Text = r.T("page.satisfaction.quadrant." + string(one.Standing))
			points = append(points, servicePoint{name, 100 * *one.OnTime, *one.Score, one.Standing == fastUnhappy, cells[3].Text})
			if one.Standing == fastUnhappy {
				odd = append(odd, name)
			}
		}
		c.Table.Rows = append(c.Table.Rows, cells)
	}
	if len(points) == 0 {
		c.Plain = len(c.Table.Rows) > 0
		c.Notes = []string{c.Empty}
		return c, nil
	}
	c.Legend = []legendEntry{{"dot-now", r.T("page.satisfaction.quadrant.service")}, {"odd", r.T("page.satisfaction.quadrant.fast_unhappy")}}
	c.Caption = r.T("page.satisfaction.quadrant.caption_none")
	if len(odd) > 0 {
		c.Caption = r.T("page.satisfaction.quadrant.caption", "services", strings.Join(odd, r.T("list.separator")))
	}
	c.Height = "high"
	var err error
	c.Chart, err = encode(quadrantChart("service_quadrant", points, r.T("metric.on_time_rate.name")+" %", r.T("page.satisfaction.tile.mean")), "", 1)
	return c, err
}

// servicePoint is a service in the quadrant.
type servicePoint struct {
	name          string
	onTime, score float64 // per cent, points
	odd           bool
	standing      string
}

// quadrantChart draws points between two dashed bounds; an odd one is a diamond
// in the colour of bad, so that it stands out in black and white too.
func quadrantChart(id string, points []servicePoint, x, y string) *charts.Scatter {
	c := charts.NewScatter()
	c.SetGlobalOptions(common(id, "24px", "56px")...)
	rates, marks := []*float64{new(100 * fastRate), new(float64(100))}, make([]mark, len(points))
	stands := []*float64{new(float64(happyScore))}
	for i, p := range points {
		rates, stands = append(rates, &points[i].onTime), append(stands, &points[i].score)
		marks[i] = mark{
			Value: []any{rounded(p.onTime, decimalCap), rounded(p.score, decimalCap)}, Symbol: "circle", SymbolSize: pointSize + 4,
			Label: written(p.name, "top", colourInk, "normal"), Look: &look{Color: colourAccent},
			Text: p.name + " · " + p.standing + " · " + x + " " + number(p.onTime, 1) + " · " + y + " " + number(p.score, 1),
		}
		if p.odd {
			marks[i].Symbol, marks[i].SymbolSize, marks[i].Look = "diamond", pointSize+8, &look{Color: colourBad}
			marks[i].Label = written(p.name, "top", colourBad, "bold")
		}
	}
	left, right := scoreRange(rates...)
	low, high := scoreRange(stands...)
	split := &opts.SplitLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: colourGrid}}
	c.SetGlobalOptions(
		charts.WithXAxisOpts(opts.XAxis{Type: "value", Min: left, Max: right, Name: x, NameLocation: "center", NameGap: 26, AxisLabel: axisLabel(), SplitLine: split}),
		charts.WithYAxisOpts(opts.YAxis{Type: "value", Min: low, Max: high, Name: y, NameLocation: "center", NameGap: 34, AxisLabel: axisLabel(), SplitLine: split}),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "item"}),
		charts.WithGridOpts(opts.Grid{Left: "28px", Top: "24px", Right: "40px", Bottom: "28px", ContainLabel: opts.Bool(true)}),
	)
	c.AddSeries(plain(y), nil,
		charts.WithItemStyleOpts(opts.ItemStyle{Opacity: opts.Float(1)}),
		charts.WithMarkLineNameCoordItemOpts(
			opts.MarkLineNameCoordItem{Coordinate0: []any{100 * fastRate, low}, Coordinate1: []any{100 * fastRate, high}},
			opts.MarkLineNameCoordItem{Coordinate0: []any{left, happyScore}, Coordinate1: []any{right, happyScore}},
		),
		charts.WithMarkLineStyleOpts(opts.MarkLineStyle{
			Symbol: []string{"none", "none"}, Label: &opts.Label{Show: opts.Bool(false)},
			LineStyle: &opts.LineStyle{Color: colourSecond, Width: 1.5, Type: "dashed"},
		}))
	c.MultiSeries[0].Data = marks
	return c
}
