package warning

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/handbook"
)

// Pulser is what a Runner asks of [analytics.Metrics].
type Pulser interface {
	Pulse(ctx context.Context, from, to time.Time, moments []analytics.PulseMoment) (*analytics.Pulse, error)
	Newest(ctx context.Context) (time.Time, error)
	Versions() analytics.Versions
}

// ErrNotTaken is matched by errors of a [Teller] that say that nobody was told
// for sure, so that it may be tried again.
var ErrNotTaken = errors.New("the notice was not taken")

// ErrNothing is matched by errors that say that there are no events to look at.
var ErrNothing = errors.New("there are no events yet")

// Teller tells somebody of a warning.
type Teller interface {
	Channel() string // a name that stays the same, without secrets
	Tell(ctx context.Context, w Warning) error
}

// InForce are the metrics and the rules of now.
type InForce struct {
	Watch

	Metrics Pulser
}

// Runner looks at the rules again and again. All fields but Waves and Tellers are
// needed.
type Runner struct {
	InForce func() InForce
	Store   *Store
	Waves   func(ctx context.Context) ([]Wave, error) // surveys that are taking answers; nil: there are none
	Tellers []Teller
	Now     func() time.Time
	Logger  *slog.Logger

	scored  string    // the settings that were last gone through
	scoring time.Time // and when
}

const (
	every       = 2 * time.Minute
	soon        = 10 * time.Second // after a fault
	scoreEvery  = 24 * time.Hour
	scoredYears = 1
)

// Run looks at the rules until ctx ends.
func (r *Runner) Run(ctx context.Context) error {
	for {
		wait := every
		if err := r.Step(ctx); err != nil && ctx.Err() == nil {
			wait = soon
			if !errors.Is(err, analytics.ErrNoFacts) && !errors.Is(err, ErrNothing) { // which is so for a while after a start
				r.Logger.WarnContext(ctx, "early warning has not looked at its rules; trying again", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// Step looks once: it raises and clears warnings, tells of those that stand, and
// once a day finds out how often the rules were right. Rules about work are read
// at the newest event, since what came after it is not known; a source's silence
// is read now.
func (r *Runner) Step(ctx context.Context) error {
	rules, now := r.InForce(), r.Now()
	last, err := rules.Metrics.Newest(ctx)
	if err != nil {
		return err
	}
	if last.IsZero() {
		return ErrNothing
	}
	at := last
	if at.After(now) {
		at = now
	}
	if err := r.look(ctx, &rules, at, now); err != nil {
		return err
	}
	return errors.Join(r.tell(ctx, &rules, now), r.score(ctx, &rules, at, now))
}

// look raises and clears.
func (r *Runner) look(ctx context.Context, rules *InForce, at, now time.Time) error {
	moments := append(rules.Evenings(at.AddDate(0, 0, -paceDays), at), rules.Moment(at))
	pulse, err := rules.Metrics.Pulse(ctx, at.Add(-Lookback), now.Add(time.Second), moments)
	if err != nil {
		return err
	}
	var waves []Wave
	if r.Waves != nil {
		if waves, err = r.Waves(ctx); err != nil {
			return fmt.Errorf("read the surveys: %w", err)
		}
	}
	var readings []Reading
	for _, reading := range rules.Readings(pulse, at, nil) {
		if reading.Rule != handbook.SourceSilent {
			readings = append(readings, reading)
		}
	}
	readings = append(append(readings, rules.sourceSilent(pulse, now)...), responseLow(now, waves)...)
	// The numbers first: what another process raises in between stands then, or has a
	// number that is taken.
	numbers, err := r.Store.numbers(ctx)
	if err != nil {
		return err
	}
	standing, err := r.Store.Open(ctx)
	if err != nil {
		return err
	}
	open := map[[2]string]Warning{}
	for _, w := range standing {
		open[[2]string{w.Rule, w.Subject}] = w
	}
	var faults []error
	for _, reading := range readings {
		key := [2]string{reading.Rule, reading.Subject}
		setting := rules.Handbook.Warnings.Setting(reading.Rule)
		w, isOpen := open[key]
		delete(open, key)
		switch Next(setting, isOpen, reading) {
		case Raises:
			faults = append(faults, r.Store.raise(ctx, reading, numbers[key]+1, setting.Raise, now))
		case Clears:
			faults = append(faults, r.Store.clear(ctx, w, reading, setting.Clear, now))
		case Stays:
		}
	}
	for key, w := range open { // nothing is left to read: the survey is over, the source forgotten
		faults = append(faults, r.Store.clear(ctx, w, Reading{Rule: key[0], Subject: key[1], At: now}, 0, now))
	}
	return errors.Join(faults...)
}

// tell sends notices of the warnings that stand, each once to everybody, unless
// the office is closed and the handbook has notices wait for that.
func (r *Runner) tell(ctx context.Context, rules *InForce, now time.Time) error {
	if len(r.Tellers) == 0 {
		return nil
	}
	if rules.Handbook.Warnings.Quiet != handbook.QuietNever && rules.Calendar.Between(now, now.Add(time.Second)) == 0 {
		return nil
	}
	standing, err := r.Store.Open(ctx)
	if err != nil {
		return err
	}
	var faults []error
	for _, w := range standing {
		for _, teller := range r.Tellers {
			faults = append(faults, r.notice(ctx, w, teller, now))
		}
	}
	return errors.Join(faults...)
}

func (r *Runner) notice(ctx context.Context, w Warning, teller Teller, now time.Time) error {
	mine, err := r.Store.begin(ctx, w, teller.Channel(), now)
	if err != nil || !mine {
		return err
	}
	told := teller.Tell(ctx, w)
	switch {
	case told == nil:
		return r.Store.end(ctx, w, teller.Channel(), "done", now)
	case errors.Is(told, ErrNotTaken):
		return errors.Join(fmt.Errorf("tell %s of a warning: %w", teller.Channel(), told), r.Store.end(ctx, w, teller.Channel(), "refused", now))
	default: // it may have arrived, so it is not sent again
		return fmt.Errorf("tell %s of a warning: %w", teller.Channel(), told)
	}
}

// score goes through the last year with the rules of now, once a day and when
// they have changed.
func (r *Runner) score(ctx context.Context, rules *InForce, at, now time.Time) error {
	v := rules.Metrics.Versions()
	settings := v.HandbookFingerprint + " " + v.CalendarVersion
	if r.scored == settings && now.Sub(r.scoring) < scoreEvery {
		return nil
	}
	if kept, err := r.Store.Scores(ctx); err != nil {
		return err
	} else if kept != nil && kept.Settings == settings && now.Sub(kept.Made) < scoreEvery && !at.After(kept.To.AddDate(0, 0, 1)) {
		r.scored, r.scoring = settings, kept.Made
		return nil
	}
	card, _, err := rules.Past(ctx, at.AddDate(-scoredYears, 0, 0), at)
	if err != nil {
		return err
	}
	card.Made, card.Settings = now, settings
	r.scored, r.scoring = settings, now
	return r.Store.keepScores(ctx, card)
}

// Past goes through a stretch of the past with the rules of now.
func (f *InForce) Past(ctx context.Context, from, to time.Time) (*ScoreCard, []Past, error) {
	moments := f.Evenings(from, to)
	pulse, err := f.Metrics.Pulse(ctx, from.Add(-Lookback), to.Add(time.Second), moments)
	if err != nil {
		return nil, nil, err
	}
	past := f.Replay(pulse, moments)
	return &ScoreCard{From: from, To: to, Scores: Scores(past)}, past, nil
}
