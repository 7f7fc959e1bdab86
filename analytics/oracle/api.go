package oracle

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"example.com/officepulse/analytics"
)

// API asks a running server over its metrics API.
type API struct {
	URL    string       // of the server, such as http://127.0.0.1:8080
	Token  string       // sent as a bearer token, unless empty
	Client *http.Client // nil means [http.DefaultClient]
}

// Query asks one question. Anything but an answer is an error, which holds what
// the server said.
func (a API) Query(ctx context.Context, metric string, q analytics.Query) (*analytics.Result, error) {
	target := strings.TrimSuffix(a.URL, "/") + "/api/v1/metrics/" + url.PathEscape(metric) + "?" + parameters(q).Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("ask for %s: %w", metric, err)
	}
	if a.Token != "" {
		request.Header.Set("Authorization", "Bearer "+a.Token)
	}
	client := a.Client
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask for %s: %w", metric, err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", metric, err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask for %s: %s: %s", metric, response.Status, body)
	}
	return Decode(body)
}

// Decode reads an answer of the metrics API, with Rows of the types that
// [analytics.Result] names.
func Decode(body []byte) (*analytics.Result, error) {
	var answer struct {
		analytics.Result

		Rows json.RawMessage `json:"rows"` // its type depends on the metric
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	var err error
	switch r := &answer.Result; r.Metric {
	case "variants":
		r.Rows, err = rows[analytics.Variant](answer.Rows)
	case "deviations":
		r.Rows, err = rows[analytics.Deviation](answer.Rows)
	case "transitions":
		r.Rows, err = rows[analytics.Transition](answer.Rows)
	case "handovers":
		r.Rows, err = rows[analytics.Handover](answer.Rows)
	case "bottlenecks":
		r.Rows, err = rows[analytics.Bottleneck](answer.Rows)
	}
	if err != nil {
		return nil, fmt.Errorf("read the rows of %s: %w", answer.Metric, err)
	}
	return &answer.Result, nil
}

func rows[T any](text json.RawMessage) ([]T, error) {
	table := []T{}
	err := json.Unmarshal(text, &table)
	return table, err
}

// parameters are a question's, as the API takes them. From and To have to be
// the first instants of days.
func parameters(q analytics.Query) url.Values {
	values := url.Values{}
	set := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	from, to := q.From, q.To
	if q.Zone != nil {
		from, to = from.In(q.Zone), to.In(q.Zone)
		set("timezone", q.Zone.String())
	}
	set("from", from.Format(time.DateOnly))
	set("to", to.Format(time.DateOnly))
	set("bucket", string(q.Bucket))
	set("by", string(q.By))
	set("clock", string(q.Clock))
	set("sort", string(q.Sort))
	if q.Limit != 0 {
		set("limit", strconv.Itoa(q.Limit))
	}
	for name, filter := range map[string][]string{
		"process": q.Process, "department": q.Department, "stage": q.Stage, "class": q.Class, "limit_key": q.Limits,
	} {
		for _, v := range filter {
			values.Add(name, quoted(v))
		}
	}
	return values
}

// quoted keeps a value whole: the API parts values at commas, as CSV does.
func quoted(value string) string {
	if !strings.ContainsAny(value, `,"`) {
		return value
	}
	return `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
}
