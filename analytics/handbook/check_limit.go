package handbook

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/officepulse/analytics/calendar"
)

func (c *checker) limits(hb *Handbook, p *Process, at []any) {
	seen := make(map[string]int)
	for j := range p.Limits {
		l := &p.Limits[j]
		at := below(at, "limits", j)
		c.entry(l.Key, l.Name, l.Removed, seen, at...)
		if l.Removed {
			continue
		}
		c.class(hb, l.Class, at)
		for name, value := range l.Where {
			if strings.TrimSpace(name) == "" || strings.TrimSpace(value) == "" {
				c.add("where has an attribute without a name or a value; write where: {order: planned}", below(at, "where")...)
			}
		}
		c.limitSteps(p, l, at)
		if form, ok := c.form(l, at); ok {
			c.formDetails(hb, l, form, at)
		}
	}
}

func (c *checker) limitSteps(p *Process, l *Limit, at []any) {
	if l.From != nil {
		c.step(p, *l.From, "begin at", below(at, "from"))
	}
	for k, s := range l.To {
		to := below(at, "to")
		if c.has(below(to, k)...) { // a list
			to = below(to, k)
		}
		c.step(p, s, "lead to", to)
	}
	if len(l.To) == 0 && c.has(below(at, "to")...) {
		c.add("to names no step; write to: {stage: sign, action: sign}, or leave it out for the case's completion", below(at, "to")...)
	}
}

// form finds the one form that a limit has.
func (c *checker) form(l *Limit, at []any) (Form, bool) {
	var given []string
	for _, f := range forms {
		if c.has(below(at, string(f))...) {
			given = append(given, string(f))
		}
	}
	switch len(given) {
	case 1:
		return Form(given[0]), true
	case 0:
		c.add(fmt.Sprintf("limit %q does not say how long; write one of within: 24h, before: 1h, day_of_month: 5, end_of: quarter, due_at: original", l.Key), at...)
	default:
		c.add(fmt.Sprintf("limit %q has %s; keep one and make a limit of its own of any other", l.Key, strings.Join(given, " and ")), below(at, given[1])...)
	}
	return "", false
}

func (c *checker) formDetails(hb *Handbook, l *Limit, form Form, at []any) {
	switch {
	case form == FormDayOfMonth && (l.DayOfMonth < 1 || l.DayOfMonth > 28):
		c.add(fmt.Sprintf("day_of_month %d is not in every month; write 1 to 28, or end_of: month", l.DayOfMonth), below(at, "day_of_month")...)
	case form == FormEndOf && !slices.Contains(periods, l.EndOf):
		c.add(fmt.Sprintf("end_of %q is unknown; use one of %s", l.EndOf, strings.Join(periods, ", ")), below(at, "end_of")...)
	case form == FormDueAt && !slices.Contains(dueDates, l.DueAt):
		c.add(fmt.Sprintf("due_at %q is unknown; write original (extensions do not count) or current", l.DueAt), below(at, "due_at")...)
	case form == FormBefore && strings.TrimSpace(l.Planned) == "":
		c.add(`planned is missing; name the attribute that holds the planned time, such as planned: meeting_start`, below(at, "planned")...)
	}
	if form != FormBefore && c.has(below(at, "planned")...) {
		c.add(fmt.Sprintf("planned has no meaning with %s; take it out", form), below(at, "planned")...)
	}
	if (form == FormBefore || form == FormDueAt) && l.From != nil {
		c.add(fmt.Sprintf("from has no meaning with %s; take it out", form), below(at, "from")...)
	}
	c.clock(hb, l, form, at)
}

func (c *checker) clock(hb *Handbook, l *Limit, form Form, at []any) {
	allowed := make([]string, len(clocks[form]))
	for i, clock := range clocks[form] {
		allowed[i] = string(clock)
	}
	given := c.has(below(at, "clock")...)
	switch {
	case form == FormWithin && !given:
		c.add(fmt.Sprintf("limit %q does not say on which clock; write clock: %s", l.Key, strings.Join(allowed, ", or ")), at...)
	case given && !slices.Contains(allowed, string(l.Clock)):
		c.add(fmt.Sprintf("clock %q is not for %s; use one of %s", l.Clock, form, strings.Join(allowed, ", ")), below(at, "clock")...)
	case form == FormWithin && l.Clock == calendar.Working:
		// On this clock a day is a working day: 12h would be longer than 1d.
		perDay := time.Duration(calendar.Length(hb.OfficeHours)) * time.Second
		if rest := time.Duration(l.Within) % oneDay; perDay > 0 && rest >= perDay {
			c.add(fmt.Sprintf("%s is more than a working day of %s; on the working clock write days, such as 1d or 1d4h", Duration(rest), Duration(perDay)), below(at, "within")...)
		}
	}
}
