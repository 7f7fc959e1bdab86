package main

import (
	"fmt"
	"strings"
	"time"

	"example.com/officepulse/cmd/officepulse/archive"
)

// RestoreResult is what a restore has put in place.
type RestoreResult struct {
	Data       string             `json:"data"`
	Version    string             `json:"version"` // of the program that made the backup
	BeganAt    time.Time          `json:"began_at"`
	Kafka      archive.Kafka      `json:"kafka"`
	ClickHouse archive.ClickHouse `json:"clickhouse"`
	Waiting    int64              `json:"waiting"` // messages that the sink will read when the service starts
}

// text tells a person what was restored and how to go on.
func (r *RestoreResult) text() string {
	var b strings.Builder
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) }
	line("Restored into %s: the backup of %s, made by OfficePulse %s.", r.Data, r.BeganAt.Local().Format("2006-01-02 15:04:05"), r.Version)
	line("  ClickHouse  as it was saved")
	writeTables(&b, &r.ClickHouse)
	if r.Kafka.Embedded {
		line("  Kafka       %d partitions; the sink reads %d messages at the start", len(r.Kafka.Partitions), r.Waiting)
	} else {
		line("  Kafka       is a cluster of your own. %s", rewindNote(&r.Kafka))
	}
	line("Go on with: officepulse serve --data %s", r.Data)
	line("The token is not in a backup: set OFFICEPULSE_TOKEN to the old one, or take the new one from the data directory.")
	return b.String()
}
