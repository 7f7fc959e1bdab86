package dashboard

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/ingest/delivery"
)

// operationsContent is the page "Data and operations".
type operationsContent struct {
	Again     string // URL of the same page, to look anew
	Sentences []remark
	Flash     *remark
	Troubles  []troubleRow
	Audit     *auditTable
	Letters   *letterListing // nil when they cannot be read

	AuditFiles, LetterFiles exportMenu
}

// letterListing is the part of the page about dead letters.
type letterListing struct {
	States, Kinds []chip
	Topics        []option
	Query         letterQuery
	State         string // for the form's hidden field
	Filtered      bool   // by more than the state
	Clear         string // URL without filters
	Rows          []letterRow
	Range         string // which of how many are shown
	Previous      string // URLs, "" when there is none
	Next          string
	ReplayHref    string // of all that the filter chooses
	Empty         string // what an empty list means
}

// chip is a filter that is on or off, with how many letters it leaves.
type chip struct {
	Name, N, Href, Help string
	Chosen              bool
}

// letterRow is a letter in the list.
type letterRow struct {
	Href, PutAt, Kind, State, Place, Reason, Preview, Size string
	StateKey                                               string
}

// operationsPage shows as much as can be read: it is needed most when parts do
// not answer.
func (s *server) operationsPage(c *gin.Context) {
	q, ok := parseLetterQuery(c.Request.URL.Query())
	if !ok {
		s.illegibleQuery(c)
		return
	}
	ctx, v := c.Request.Context(), s.deliveryView(language(c))
	audit, auditErr := s.audits.recent(ctx)
	if auditErr != nil {
		s.Logger.WarnContext(ctx, "no audit", "error", auditErr)
	}
	counts, lettersErr := s.Desk.LetterCounts(ctx)
	var list []delivery.Filed
	more := false
	if lettersErr == nil {
		list, more, lettersErr = s.someLetters(ctx, q.filter())
	}
	if lettersErr != nil {
		s.Logger.WarnContext(ctx, "no dead letters", "error", lettersErr)
	}
	troubles, here := s.Operations.Troubles()
	content := operationsContent{
		Again:     hrefOf("/operations", q.values()),
		Sentences: []remark{v.verdict(audit, auditErr), v.flow(audit, troubles, here), v.waiting(counts, lettersErr)},
		Troubles:  v.troubles(troubles), Audit: v.auditTable(audit), Flash: v.togetherFlash(c.Request.URL.Query()),
	}
	if audit != nil {
		content.AuditFiles = v.fileMenu("audit", letterQuery{Filter: delivery.Filter{State: delivery.Open}, Page: 1})
	}
	if lettersErr == nil {
		content.LetterFiles = v.fileMenu("deadletters", q)
		content.Letters = v.listing(q, list, more, counts)
	}
	var asOf time.Time
	if audit != nil {
		for _, p := range audit.Partitions {
			asOf = latest(asOf, p.Watermark)
		}
	}
	s.render(c, http.StatusOK, "operations", s.page(c, "operations", v.T("operations.title"), asOf, content))
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// illegibleQuery answers a URL whose parameters cannot be meant.
func (s *server) illegibleQuery(c *gin.Context) {
	s.errorPage(c, http.StatusBadRequest, s.messages.In(language(c)).T("operations.bad_request"))
}

func (v deliveryView) listing(q letterQuery, list []delivery.Filed, more bool, counts []delivery.Count) *letterListing {
	l := &letterListing{
		Query: q, State: q.values().Get("state"), Clear: letterQuery{Filter: delivery.Filter{State: q.State}, Language: q.Language, Page: 1}.href(),
		Filtered: q.Kind != "" || q.Topic != "" || q.Text != "",
	}
	for _, state := range append(delivery.States(), "") {
		name := v.T("delivery.state.all")
		if state != "" {
			name = v.state(state)
		}
		l.States = append(l.States, chip{Name: name, N: count(tally(counts, "", state, "")), Href: q.in(state).href(), Chosen: q.State == state})
	}
	l.Kinds = append(l.Kinds, chip{Name: v.T("operations.letters.all_kinds"), N: count(tally(counts, "", q.State, q.Topic)), Href: q.of("").href(), Chosen: q.Kind == ""})
	for _, k := range delivery.Kinds() {
		if n := tally(counts, k, q.State, q.Topic); n > 0 || q.Kind == k {
			l.Kinds = append(l.Kinds, chip{Name: v.kind(k), N: count(n), Href: q.of(k).href(), Help: v.kindMeans(k), Chosen: q.Kind == k})
		}
	}
	topics := map[string]bool{}
	for _, c := range counts {
		topics[c.Topic] = true
	}
	for _, topic := range sortedSet(topics, q.Topic) {
		l.Topics = append(l.Topics, option{topic, topic, topic == q.Topic})
	}
	for i := range list {
		l.Rows = append(l.Rows, v.letterRow(&list[i], q))
	}
	v.paging(l, more, tally(counts, q.Kind, q.State, q.Topic))
	l.Empty = v.emptyList(q, l.Filtered, tally(counts, "", "", ""))
	if len(l.Rows) > 0 && (q.State == delivery.Open || q.State == delivery.Discarded) {
		l.ReplayHref = hrefOf("/operations/replay", q.at(1).values())
	}
	return l
}

func (v deliveryView) paging(l *letterListing, more bool, all uint64) {
	q := l.Query
	first := (q.Page - 1) * lettersPerPage
	if q.Page > 1 {
		l.Previous = q.at(q.Page - 1).href()
	}
	if more {
		l.Next = q.at(q.Page + 1).href()
	}
	if len(l.Rows) == 0 {
		return
	}
	from, to := count(uint64(first)+1), count(uint64(first+len(l.Rows))) //nolint:gosec // counted from 0
	if q.Text != "" {                                                    // how many hold a text is not counted
		l.Range = v.T("operations.letters.range_open", "from", from, "to", to)
		return
	}
	l.Range = v.T("operations.letters.range", "from", from, "to", to, "all", count(all))
}

// emptyList says what it means that no letter is listed.
func (v deliveryView) emptyList(q letterQuery, filtered bool, all uint64) string {
	switch {
	case all == 0:
		return v.T("operations.letters.empty.never")
	case q.Page > 1:
		return v.T("operations.letters.empty.page")
	case filtered:
		return v.T("operations.letters.empty.filtered")
	case q.State == delivery.Open:
		return v.T("operations.letters.empty.open")
	}
	return v.T("operations.letters.empty.state")
}

// tally counts letters; "" stands for all.
func tally(counts []delivery.Count, k delivery.Kind, state delivery.State, topic string) (n uint64) {
	for _, c := range counts {
		if (k == "" || c.Kind == k) && (state == "" || c.State == state) && (topic == "" || c.Topic == topic) {
			n += c.N
		}
	}
	return n
}

// sortedSet lists the members of a set and one more, unless that is "".
func sortedSet(set map[string]bool, also string) []string {
	if also != "" {
		set[also] = true
	}
	list := make([]string, 0, len(set))
	for member := range set {
		list = append(list, member)
	}
	slices.Sort(list)
	return list
}

const reasonRunes = 220

func (v deliveryView) letterRow(l *delivery.Filed, q letterQuery) letterRow {
	values := url.Values{}
	if q.Language != "" {
		values.Set("lang", string(q.Language))
	}
	row := letterRow{
		Href: hrefOf(letterPath(l.ID), values), PutAt: v.stamp(l.PutAt), Kind: v.kind(l.Kind), State: v.state(l.State), StateKey: string(l.State),
		Place: v.place(l.Place), Reason: clipTo(l.Reason, reasonRunes), Preview: Preview(l.Value, previewRunes), Size: size(l.Size),
	}
	if row.Reason == "" {
		row.Reason = v.T("delivery.no_reason")
	}
	return row
}

func letterPath(id string) string { return "/operations/deadletters/" + id }

// togetherFlash says what came of replaying many, as the URL has it.
func (v deliveryView) togetherFlash(values url.Values) *remark {
	n := func(name string) int {
		i, err := strconv.Atoi(values.Get(name))
		if err != nil || i < 0 || i > MaxTogether {
			return 0
		}
		return i
	}
	replayed, refused, failed := n("replayed"), n("refused"), n("failed")
	if replayed+refused+failed == 0 {
		return nil
	}
	r := &remark{Light: lightFine, Claim: v.T("operations.together.replayed", "n", replayed)}
	var rest []string
	if refused > 0 {
		r.Light = lightAttention
		rest = append(rest, v.T("operations.together.refused", "n", refused))
	}
	if failed > 0 {
		r.Light = lightAttention
		rest = append(rest, v.T("operations.together.failed", "n", failed))
	}
	r.Evidence = strings.Join(rest, v.T("list.sentence"))
	return r
}
