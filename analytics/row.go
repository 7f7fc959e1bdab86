package analytics

import (
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"example.com/officepulse/analytics/stats"
)

// row is what the statements of metrics give, each the columns it has.
type row struct {
	Key    string  `ch:"key"`
	Bucket int64   `ch:"bucket"` // its start, milliseconds since 1970
	N      uint64  `ch:"n"`
	Hits   uint64  `ch:"hits"`
	Mean   float64 `ch:"mean"`
	Median float64 `ch:"median"`
	P75    float64 `ch:"p75"`
	P90    float64 `ch:"p90"`
	P95    float64 `ch:"p95"`
	Total  float64 `ch:"total"`

	Overdue uint64 `ch:"overdue"`

	Built uint8 `ch:"built"` // of metric_points: not a point, but that a build is complete

	Parted           uint64  `ch:"parted"` // visits whose time is parted into the two below
	WaitingMean      float64 `ch:"waiting_mean"`
	WaitingMedian    float64 `ch:"waiting_median"`
	WaitingP90       float64 `ch:"waiting_p90"`
	WaitingTotal     float64 `ch:"waiting_total"`
	ProcessingMean   float64 `ch:"processing_mean"`
	ProcessingMedian float64 `ch:"processing_median"`
	ProcessingP90    float64 `ch:"processing_p90"`
	ProcessingTotal  float64 `ch:"processing_total"`
}

// counted is the point of a metric that counts.
func counted(r row) Point { return Point{N: r.N} }

// timed is the point of a metric that measures times.
func timed(r row) Point {
	return Point{N: r.N, Mean: &r.Mean, Median: &r.Median, P75: &r.P75, P90: &r.P90, P95: &r.P95, Total: &r.Total}
}

// parted is the point of a metric whose times are waiting and then processing
// where the events tell them apart.
func parted(r row) Point {
	p := timed(r)
	if r.Parted > 0 {
		p.Waiting = &Times{N: r.Parted, Mean: r.WaitingMean, Median: r.WaitingMedian, P90: r.WaitingP90, Total: r.WaitingTotal}
		p.Processing = &Times{N: r.Parted, Mean: r.ProcessingMean, Median: r.ProcessingMedian, P90: r.ProcessingP90, Total: r.ProcessingTotal}
	}
	return p
}

// rated is the point of a metric that is a share, with its 95 % interval. A row
// rests on one case at least, so the share is a number.
func rated(r row) Point {
	rate := float64(r.Hits) / float64(r.N)
	interval := stats.Wilson(r.Hits, r.N)
	return Point{N: r.N, Count: &r.Hits, Rate: &rate, Low: &interval.Low, High: &interval.High}
}

// scored is the point of a metric that is a mean score.
func scored(r row) Point { return Point{N: r.N, Mean: &r.Mean} }

// readSeries reads rows, which come ordered by key and bucket; built is told of those that are no points.
func readSeries(rows driver.Rows, parts []part, point func(row) Point, built func(row)) ([]Series, error) {
	byStart := make(map[int64]part, len(parts))
	for _, p := range parts {
		byStart[p.start.UnixMilli()] = p
	}
	var series []Series
	for rows.Next() {
		var r row
		if err := rows.ScanStruct(&r); err != nil {
			return nil, fmt.Errorf("read a row: %w", err)
		}
		if r.Built != 0 {
			built(r)
			continue
		}
		p := point(r)
		in := byStart[r.Bucket]
		p.Period, p.Start, p.End = in.label, in.start, in.end
		if len(series) == 0 || series[len(series)-1].Key != r.Key {
			series = append(series, Series{Key: r.Key})
		}
		last := &series[len(series)-1]
		last.Points = append(last.Points, p)
	}
	return series, rows.Err()
}
