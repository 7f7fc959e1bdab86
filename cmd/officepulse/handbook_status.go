package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
)

// HandbookStatus is what the office has promised, as commands and programs see it.
type HandbookStatus struct {
	File             string            `json:"file,omitempty"`    // "": the handbook that comes with the program
	Version          string            `json:"handbook_version"`  // in force
	Fingerprint      string            `json:"fingerprint"`       // of all versions
	CalendarVersion  string            `json:"calendar_version"`  //
	ProvisionalYears []int             `json:"provisional_years"` // from the first version to the end of next year; 暂定
	Versions         []HandbookVersion `json:"versions"`          // the oldest first
}

// HandbookVersion is one version of the handbook.
type HandbookVersion struct {
	Version     string `json:"version"`
	From        string `json:"from,omitempty"` // the first day on which it holds; "": since ever
	InForce     bool   `json:"in_force"`
	Processes   int    `json:"processes"`
	Limits      int    `json:"limits"`
	Departments int    `json:"departments"`
}

func handbookStatus(file string, hb *handbook.Handbook, cal *calendar.Calendar, now time.Time) HandbookStatus {
	history := hb.History()
	s := HandbookStatus{
		File: file, Version: hb.Version, Fingerprint: history.Fingerprint(), CalendarVersion: cal.Version(),
		ProvisionalYears: append([]int{}, provisionalYears(history, cal, now)...),
	}
	for _, v := range history.Versions() {
		told := HandbookVersion{
			Version: v.Version, InForce: v.Version == hb.Version,
			Processes: len(v.Processes), Limits: v.LimitCount(), Departments: len(v.Departments),
		}
		if v.From != 0 {
			told.From = v.From.String()
		}
		s.Versions = append(s.Versions, told)
	}
	return s
}

// provisionalYears are those that somebody should find the holidays of: next
// year's are announced in November.
func provisionalYears(history *handbook.History, cal *calendar.Calendar, now time.Time) []int {
	zone := cal.Zone()
	year := now.In(zone).Year()
	from := time.Date(year, time.January, 1, 0, 0, 0, 0, zone)
	if began := history.Versions()[0].Begins(); !began.IsZero() && began.Before(from) {
		from = began
	}
	return cal.Provisional(from, time.Date(year+2, time.January, 1, 0, 0, 0, 0, zone))
}

// print writes the summary for a person.
func (s *HandbookStatus) print(w io.Writer) error {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "handbook %s (fingerprint %s), calendar %s\n", s.Version, s.Fingerprint, s.CalendarVersion)
	for _, v := range s.Versions {
		from := "holds since ever"
		if v.From != "" {
			from = "holds from " + v.From
		}
		if v.InForce {
			from += ", in force"
		}
		_, _ = fmt.Fprintf(&b, "  version %s: %d processes, %d limits, %d departments; %s\n", v.Version, v.Processes, v.Limits, v.Departments, from)
	}
	if len(s.ProvisionalYears) > 0 {
		_, _ = fmt.Fprintf(&b, "  provisional (暂定): holidays of %s are not announced yet; a year file makes them certain\n", s.provisional())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// provisional lists the years, for a person.
func (s *HandbookStatus) provisional() string {
	years := make([]string, len(s.ProvisionalYears))
	for i, y := range s.ProvisionalYears {
		years[i] = strconv.Itoa(y)
	}
	return strings.Join(years, ", ")
}
