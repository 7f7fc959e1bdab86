// Package analytics turns the warehouse's tables into metrics. A metric is a
// pair of files: the SQL that computes it and the Go function that runs it.
// The package sees tables and the handbook; it does not know who fills the
// tables, nor who looks at the figures.
package analytics

import (
	"errors"
	"time"
)

// ErrQuery is matched by errors that say the question makes no sense (an
// unknown metric, a reversed period, too many buckets); their text says why.
var ErrQuery = errors.New("query cannot be answered")

// Bucket is how a period is parted on the time axis.
type Bucket string

// The buckets; BucketNone takes the whole period as one.
const (
	BucketQuarter Bucket = "quarter"
	BucketMonth   Bucket = "month"
	BucketWeek    Bucket = "week" // begins on Monday, ISO 8601
	BucketDay     Bucket = "day"
	BucketNone    Bucket = "none"
)

// By is what the series of a result are told apart by.
type By string

// The groupings. ByKind holds for faults only, which ByNone tells apart by kind
// as well; ByLimit for the on-time rate only, with keys "process/limit".
const (
	ByNone       By = "none"
	ByProcess    By = "process"
	ByStage      By = "stage"
	ByDepartment By = "department"
	ByClass      By = "class"
	ByKind       By = "kind"
	ByLimit      By = "limit"
)

// Clock is how time is counted.
type Clock string

// The clocks: every second, or office hours on working days.
const (
	ClockElapsed Clock = "elapsed"
	ClockWorking Clock = "working"
)

// Sort is what a table of transitions is ordered by, the largest first.
type Sort string

// The orders.
const (
	SortCount Sort = "count" // how often
	SortTotal Sort = "total" // how much time in all: where the bottleneck is
)

// How many rows of a table a query gets.
const (
	DefaultLimit = 10
	MaxLimit     = 1000
)

// MaxBuckets bounds how finely a period may be parted: three years of days.
const MaxBuckets = 1100

// Query asks one metric of one period. What is left at its zero value is the
// plainest: the office's zone, one bucket, one series, the elapsed clock.
type Query struct {
	From, To time.Time      // From inclusive, To exclusive; midnights in Zone
	Zone     *time.Location // whose days, weeks, months and quarters count
	Bucket   Bucket
	By       By
	Clock    Clock

	// Filters: empty means all. Several values of one filter are alternatives.
	Process, Department, Stage, Class []string

	Limit int  // rows of a table, 1 to [MaxLimit]; 0 means [DefaultLimit]
	Sort  Sort // of transitions, handovers and deviations

	Limits []string // a filter of the on-time rate: keys "process/limit" of the handbook
}

// Result is a metric's answer, in the form of the metrics API.
type Result struct {
	Metric     string    `json:"metric"`
	Unit       string    `json:"unit"` // seconds, rate (0 to 1), points (0 to 100), cases, faults
	Clock      Clock     `json:"clock,omitempty"`
	Definition string    `json:"definition"`
	Timezone   string    `json:"timezone"`
	From       time.Time `json:"from"`
	To         time.Time `json:"to"`
	AsOf       time.Time `json:"as_of,omitzero"` // Kafka's time of the newest event stored; a lagging partition may still hold earlier ones
	Versions

	Series []Series `json:"series,omitempty"` // of a metric
	Rows   any      `json:"rows,omitempty"`   // of a table: []Variant, []Transition, []Handover, []Bottleneck or []Deviation
	N      uint64   `json:"n,omitempty"`      // of a table: cases (variants) or pairs (transitions) in all
}

// Series is a line of a chart: points in order of time, without those that have no data.
type Series struct {
	Key    string  `json:"key"` // value of Query.By; for ByNone "all", of faults the kind
	Points []Point `json:"points"`
}

// Point is a metric's value in one bucket. A field that the metric does not
// have is nil; a bucket without data has no Point.
type Point struct {
	Period string    `json:"period"` // 2026Q1, 2026-01, 2026W05, 2026-01-31; "" for BucketNone
	Start  time.Time `json:"start"`
	End    time.Time `json:"end"`

	N      uint64   `json:"n"`               // what the value rests on: cases, visits, answers, faults
	Count  *uint64  `json:"count,omitempty"` // of the N, how many are meant (faulty, reworked)
	Rate   *float64 `json:"rate,omitempty"`  // Count / N, 0 to 1
	Low    *float64 `json:"low,omitempty"`   // of the Rate's 95 % interval (Wilson), 0 to 1
	High   *float64 `json:"high,omitempty"`
	Mean   *float64 `json:"mean,omitempty"`
	Median *float64 `json:"median,omitempty"`
	P75    *float64 `json:"p75,omitempty"`
	P90    *float64 `json:"p90,omitempty"`
	P95    *float64 `json:"p95,omitempty"`
	Total  *float64 `json:"total,omitempty"` // sum over the N, in the metric's unit

	Overdue *uint64 `json:"overdue,omitempty"` // of the N, how many are still open and already late

	// Of the stage_time, over the visits whose events tell when work was started.
	Waiting    *Times `json:"waiting,omitempty"`    // from entering the stage to the start
	Processing *Times `json:"processing,omitempty"` // from the start to leaving
}

// Times sums up several times, in seconds.
type Times struct {
	N      uint64  `json:"n"`
	Mean   float64 `json:"mean"`
	Median float64 `json:"median"`
	P90    float64 `json:"p90"`
	Total  float64 `json:"total"`
}

// Variant is one way through a process, with the cases that took it.
type Variant struct {
	Stages []string `json:"stages"` // in order of execution
	Count  uint64   `json:"count"`  // cases
	Share  float64  `json:"share"`  // of all completed cases, 0 to 1

	Coverage float64 `json:"coverage"`          // share of all completed cases that took this or a commoner way, 0 to 1
	Allowed  *bool   `json:"allowed,omitempty"` // by the handbook's route of every case that has one; nil: none has
}

// Handover is a pair of departments of which the second went on with what the
// first had done.
type Handover struct {
	From   string  `json:"from"`
	To     string  `json:"to"`
	Count  uint64  `json:"count"`  // handovers
	Cases  uint64  `json:"cases"`  // in which they happened
	Mean   float64 `json:"mean"`   // seconds between the two
	Median float64 `json:"median"` // seconds
	P90    float64 `json:"p90"`    // seconds
	Total  float64 `json:"total"`  // seconds
}

// Bottleneck is a stage by the time that is spent in it.
type Bottleneck struct {
	Process string  `json:"process"`
	Stage   string  `json:"stage"`
	Count   uint64  `json:"count"`  // visits
	Cases   uint64  `json:"cases"`  // that visited it
	Mean    float64 `json:"mean"`   // seconds a visit
	Median  float64 `json:"median"` // seconds
	P90     float64 `json:"p90"`    // seconds
	Total   float64 `json:"total"`  // seconds
	Share   float64 `json:"share"`  // of the time in all stages, 0 to 1
}

// Transition is a pair of steps that follow each other directly.
type Transition struct {
	From   string  `json:"from"`
	To     string  `json:"to"`
	Count  uint64  `json:"count"`
	Mean   float64 `json:"mean"`   // seconds between the two
	Median float64 `json:"median"` // seconds
	P90    float64 `json:"p90"`    // seconds
	Total  float64 `json:"total"`  // seconds
}
