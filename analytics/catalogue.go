package analytics

import (
	"crypto/sha256"
	"encoding/hex"
)

// Description is what a metric is and what may be asked of it.
type Description struct {
	Metric     string   `json:"metric"` // its name in the API
	Unit       string   `json:"unit"`   // as in [Result]
	Definition string   `json:"definition"`
	Version    string   `json:"version"` // of the definition: eight digits that change with its unit or its words
	Buckets    []Bucket `json:"buckets"` // of a table, which is one for the whole period, only BucketNone
	By         []By     `json:"by"`
	Filters    []string `json:"filters"` // the fields of [Query] that narrow it down, as the API spells them
	Clocks     []Clock  `json:"clocks"`  // empty when it is no time
}

// Catalogue describes every metric, in the order of [Names], from what
// [Metrics.Query] itself goes by.
func Catalogue() []Description {
	list := make([]Description, 0, len(metrics))
	for _, name := range Names() {
		list = append(list, metrics[name].describe(name))
	}
	return list
}

func (m metric) describe(name string) Description {
	d := Description{
		Metric: name, Unit: m.unit, Definition: m.definition, Version: m.version(), By: m.by,
		Buckets: []Bucket{BucketNone}, Filters: []string{}, Clocks: []Clock{},
	}
	if m.table == nil {
		d.Buckets = []Bucket{BucketQuarter, BucketMonth, BucketWeek, BucketDay, BucketNone}
	}
	for _, f := range m.filters {
		d.Filters = append(d.Filters, string(f))
	}
	if m.clocked {
		d.Clocks = []Clock{ClockElapsed, ClockWorking}
	}
	return d
}

// version is a fingerprint of what the metric means. How it is computed is no
// part of it: that may become faster and mean the same.
func (m metric) version() string {
	sum := sha256.Sum256([]byte(m.unit + "\n" + m.definition))
	return hex.EncodeToString(sum[:4])
}
