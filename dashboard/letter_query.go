package dashboard

import (
	"net/url"
	"strconv"

	"example.com/officepulse/dashboard/i18n"
	"example.com/officepulse/ingest/delivery"
)

// lettersPerPage is how many letters a page lists.
const lettersPerPage = 20

// anyState is how a URL says that letters of all states are listed; usually the
// open ones are.
const anyState = "all"

// letterQuery is which letters a page lists; all of it stands in its URL.
type letterQuery struct {
	delivery.Filter // without Limit and Offset

	Page     int           // from 1
	Language i18n.Language // "" unless the URL names it
}

// parseLetterQuery reads a page's URL; ok is false when a value cannot be meant.
func parseLetterQuery(values url.Values) (q letterQuery, ok bool) {
	p := queryParser{values: values}
	state := p.word("state", append(texts(delivery.States()), anyState), string(delivery.Open))
	q.Kind = delivery.Kind(p.word("kind", texts(delivery.Kinds()), ""))
	q.Topic, q.Text = p.single("topic"), p.single("text")
	if state != anyState {
		q.State = delivery.State(state)
	}
	q.Page = max(1, p.number("page", maxPassedOver/lettersPerPage))
	if l, known := i18n.Parse(values.Get("lang")); known {
		q.Language = l
	}
	return q, len(p.faults) == 0
}

// filter chooses one page of letters.
func (q letterQuery) filter() delivery.Filter {
	f := q.Filter
	f.Limit, f.Offset = lettersPerPage, (q.Page-1)*lettersPerPage
	return f
}

// values are the parameters; what is as usual is left out.
func (q letterQuery) values() url.Values {
	values := url.Values{}
	set := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	set("kind", string(q.Kind))
	set("topic", q.Topic)
	set("text", q.Text)
	set("lang", string(q.Language))
	switch q.State {
	case delivery.Open:
	case "":
		values.Set("state", anyState)
	default:
		values.Set("state", string(q.State))
	}
	if q.Page > 1 {
		values.Set("page", strconv.Itoa(q.Page))
	}
	return values
}

// href is the list's URL.
func (q letterQuery) href() string { return hrefOf("/operations", q.values()) + "#letters" }

// hrefOf is a URL of this server.
func hrefOf(path string, values url.Values) string {
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// of returns the query for letters of another kind, from the first page on.
func (q letterQuery) of(k delivery.Kind) letterQuery {
	q.Kind, q.Page = k, 1
	return q
}

// in returns the query for letters in another state, from the first page on.
func (q letterQuery) in(state delivery.State) letterQuery {
	q.State, q.Page = state, 1
	return q
}

// at returns the query for another page.
func (q letterQuery) at(page int) letterQuery {
	q.Page = page
	return q
}
