package analytics

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// filter is the name of a field of [Query] that narrows a metric down.
type filter string

const (
	filterProcess    filter = "process"
	filterDepartment filter = "department"
	filterStage      filter = "stage"
	filterClass      filter = "class"
	filterLimit      filter = "limit_key" // "limit" is how many rows
)

// withDefaults fills in what the asker left open.
func (q Query) withDefaults(office *time.Location) Query {
	if q.Zone == nil {
		q.Zone = office
	}
	if q.Bucket == "" {
		q.Bucket = BucketNone
	}
	if q.By == "" {
		q.By = ByNone
	}
	if q.Clock == "" {
		q.Clock = ClockElapsed
	}
	if q.Limit == 0 {
		q.Limit = DefaultLimit
	}
	if q.Sort == "" {
		q.Sort = SortCount
	}
	return q
}

// key tells queries apart whose answers differ.
func (q Query) key() string {
	return fmt.Sprintf("|%d|%d|%s|%s|%s|%s|%q|%q|%q|%q|%d|%s|%q", q.From.UnixMilli(), q.To.UnixMilli(), q.Zone, q.Bucket, q.By, q.Clock,
		q.Process, q.Department, q.Stage, q.Class, q.Limit, q.Sort, q.Limits)
}

// check reports the first thing that the metric cannot be asked, as ErrQuery.
func (q Query) check(name string, of metric) error {
	if !slices.Contains(of.by, q.By) {
		return fmt.Errorf("%w: %s cannot be grouped by %q; it can be by %s", ErrQuery, name, q.By, list(of.by))
	}
	for f, values := range q.filters() {
		if len(values) > 0 && !slices.Contains(of.filters, f) {
			return fmt.Errorf("%w: %s cannot be filtered by %s; it can be by %s", ErrQuery, name, f, list(of.filters))
		}
		if slices.ContainsFunc(values, isBroken) {
			return fmt.Errorf("%w: a value to filter %s by contains a control character", ErrQuery, f)
		}
	}
	if _, ok := clocks[q.Clock]; !ok {
		return fmt.Errorf("%w: there is no clock %q; there are elapsed, working", ErrQuery, q.Clock)
	}
	if of.table != nil && q.Bucket != BucketNone {
		return fmt.Errorf("%w: %s is one table for the whole period; leave the bucket out", ErrQuery, name)
	}
	if q.Limit < 1 || q.Limit > MaxLimit {
		return fmt.Errorf("%w: a table has 1 to %d rows, not %d", ErrQuery, MaxLimit, q.Limit)
	}
	if q.Sort != SortCount && q.Sort != SortTotal {
		return fmt.Errorf("%w: there is no order %q; there are count, total", ErrQuery, q.Sort)
	}
	return nil
}

func (q Query) filters() map[filter][]string {
	return map[filter][]string{
		filterProcess: q.Process, filterDepartment: q.Department, filterStage: q.Stage, filterClass: q.Class, filterLimit: q.Limits,
	}
}

// isBroken reports whether s cannot be a key: events with such keys are refused
// at the door, and a parameter's text would end at the character.
func isBroken(s string) bool { return strings.ContainsFunc(s, unicode.IsControl) }

// parameters are the question's part of a statement's parameters. A server
// ignores those that the statement does not name.
func (q Query) parameters(parts []part) []any {
	starts, ends := make([]int64, len(parts)), make([]int64, len(parts))
	for i, p := range parts {
		starts[i], ends[i] = p.start.UnixMilli(), p.end.UnixMilli()
	}
	parameters := []any{
		clickhouse.Named("from", q.From.UnixMilli()),
		clickhouse.Named("to", q.To.UnixMilli()),
		clickhouse.Named("starts", starts),
		clickhouse.Named("bucket_ends", ends),
		clickhouse.Named("by", string(q.By)),
		clickhouse.Named("limit", q.Limit),
		clickhouse.Named("sort", string(q.Sort)),
	}
	for f, values := range q.filters() {
		parameters = append(parameters, clickhouse.Named(string(f), values))
	}
	return parameters
}

// quarters are the first and last quarter (see case_facts) in which cases may have
// been gone that the question is about; a question without a period is about all.
func (q Query) quarters() (first, last uint16) {
	if q.From.IsZero() && q.To.IsZero() {
		return 0, math.MaxUint16
	}
	return quarterOf(q.From), quarterOf(q.To)
}

// list joins words for a message: "a, b, c".
func list[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	return strings.Join(texts, ", ")
}
