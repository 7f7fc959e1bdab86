package oracle

import (
	"regexp"
	"slices"
	"strconv"

	"example.com/officepulse/analytics"
)

var fewDigits = regexp.MustCompile(`^[0-9]{1,6}$`)

// number is the last number that an event of the case gives an attribute, of a
// stage unless that is "".
func (c completed) number(name, stage string) (n int, ok bool) {
	for _, e := range slices.Backward(c.events) {
		if v := e.Task.Attributes[name]; fewDigits.MatchString(v) && (stage == "" || e.Task.Stage == stage) {
			n, err := strconv.Atoi(v)
			return n, err == nil
		}
	}
	return 0, false
}

// invitees are the people invited to a meeting; a hit was notified.
func (o *Oracle) invitees(q analytics.Query, c completed) []sample {
	invited, _ := c.number("invited", "")
	missed, given := c.number("missed", "notice")
	if c.process != "meeting" {
		return nil
	}
	for _, f := range o.faults {
		if !given && f.process == c.process && f.caseID == c.caseID && f.kind == "notice_missed" {
			missed++
		}
	}
	var samples []sample
	for i := range invited {
		samples = append(samples, sample{key: c.key(q.By), at: c.ended().Time, hit: i >= missed})
	}
	return samples
}
