package messages

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/officepulse/surveys/invitation"
	"example.com/officepulse/surveys/store"
	"example.com/officepulse/surveys/wave"
)

// The jobs of a wave besides its reminders.
const (
	inviteJob = "invite"
	noticeJob = "notice"
)

// remindPrefix begins the name of a reminder's job, e.g. remind-7.
const remindPrefix = "remind-"

// remindHour is when reminders go out, in the office's zone.
const remindHour = 9

// Reminder returns the name of the reminder that is due, "" for none: remind-2 from
// nine o'clock two days before the day of closing. begun are the jobs of the wave
// that were begun at any time. Of several that are due, since nothing ran, only
// the latest goes out; none goes out twice, none before the wave is open for a
// day, none after its end, and never more than the wave allows.
func Reminder(w *wave.Wave, now time.Time, zone *time.Location, begun []string) string {
	if w.Phase(now) != wave.Taking {
		return ""
	}
	due, latest := "", time.Time{}
	closing := w.Closes.Add(-time.Nanosecond).In(zone) // midnight belongs to the day that it ends
	for _, days := range w.Reminders.DaysBefore {
		at := time.Date(closing.Year(), closing.Month(), closing.Day()-days, remindHour, 0, 0, 0, zone)
		if !now.Before(at) && !at.Before(w.Opens.Add(24*time.Hour)) && at.After(latest) {
			due, latest = remindPrefix+strconv.Itoa(days), at
		}
	}
	sent := 0
	for _, job := range begun {
		if strings.HasPrefix(job, remindPrefix) && job != due {
			sent++
		}
	}
	if sent >= w.Reminders.AtMost {
		return ""
	}
	return due
}

// Unanswered are the links to remind: personal ones that were sent to an address
// and not used.
func Unanswered(links []store.Link, used map[string]bool) []store.Link {
	return slices.DeleteFunc(slices.Clone(links), func(l store.Link) bool {
		return l.Kind != invitation.Personal || l.Recipient == "" || used[l.Hash]
	})
}
