package demo

import (
	"strconv"
	"time"

	"example.com/officepulse/ingest/event"
)

// Working time in organising a meeting, before and after notice, rooms and
// equipment were brought together in February 2026.
var (
	agenda      = spread{3, 0.7}
	notice      = spread{1, 0.5}
	confirm     = spread{6, 0.8} // from notice until everyone has confirmed
	confirmNow  = spread{1.5, 0.6}
	venue       = spread{2, 0.6}
	venueNow    = spread{0.5, 0.5}
	minutes     = spread{14, 0.6}
	minutesNow  = spread{9, 0.5}
	checkOnTime = shift{0.55, 0.93} // share of equipment checks an hour or more ahead
)

// meetingTimes are when meetings begin, in hours since midnight.
var meetingTimes = []float64{9, 9.5, 10, 10.5, 13.5, 14, 14.5, 15, 15.5, 16}

// meeting leads a meeting from its request to its minutes.
func (t *tale) meeting(f *flow, at time.Time) {
	w := t.start(f, at, t.people.requester())
	organiser := t.people.someone(office)
	w.step("request", event.Submit, t.people.someone(w.matter.department))
	w.work(agenda)
	w.step("agenda", event.Complete, organiser)
	w.work(notice)
	w.step("notice", event.Notify, organiser)
	w.work(w.choose(confirm, confirmNow))
	w.step("notice", event.Complete, organiser)
	w.work(w.choose(venue, venueNow))
	w.step("venue", event.Complete, organiser)

	begins := w.meetingDay().Add(time.Duration(meetingTimes[w.r.IntN(len(meetingTimes))] * float64(time.Hour)))
	w.now = begins.Add(-w.checkLead())
	w.step("venue", event.Check, t.people.someone("technology"))
	w.now = begins.Add(time.Duration(40+w.r.IntN(80)) * time.Minute)
	w.step("minutes", event.Start, organiser)
	w.due(w.workingDays(2))
	w.work(w.choose(minutes, minutesNow))
	w.step("minutes", event.Complete, organiser)

	w.matter.attributes = map[string]string{
		"meeting_start": begins.Format(time.RFC3339),
		"type":          w.meetingType(at),
		"invited":       strconv.Itoa(4 + w.r.IntN(16)),
	}
	t.finish(f, w.matter)
}

// meetingDay is midnight of a working day, the first to the fourth from now.
func (w *walk) meetingDay() time.Time {
	now := w.now.In(w.tale.zone)
	day := w.tale.date(now.Year(), now.Month(), now.Day())
	for n := 1 + w.r.IntN(4); n > 0; {
		day = day.AddDate(0, 0, 1)
		if w.tale.calendar.Workday(day) {
			n--
		}
	}
	return day
}

// checkLead is how long before the meeting the equipment is looked at.
func (w *walk) checkLead() time.Duration {
	onTime := checkOnTime.before
	if w.changed {
		onTime = checkOnTime.after
	}
	if w.r.Float64() < onTime {
		return time.Duration(60+w.r.IntN(75)) * time.Minute
	}
	return time.Duration(10+w.r.IntN(45)) * time.Minute
}

// meetingType: since June 2025 new business has meetings of its own.
func (w *walk) meetingType(at time.Time) string {
	if w.r.Float64() < 0.12 && !at.Before(w.tale.date(2025, 6, 16)) {
		return "new_business"
	}
	return "regular"
}
