package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/calendar"
	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/dashboard"
)

// promises are a handbook in force with all that was made of it: calendar,
// figures, pages. They never change: a reload makes others and puts them in
// their place at once, and every request is answered by those it began with. So
// no answer mixes two handbooks, and nothing that was computed by an old one is
// remembered.
type promises struct {
	handbook *handbook.Handbook
	calendar *calendar.Calendar
	facts    *analytics.Facts   // nil without ClickHouse
	metrics  *analytics.Metrics // nil without ClickHouse
	router   http.Handler
	ahead    *dashboard.Ahead // nil where there is no dashboard
}

func (p *promises) status(file string) HandbookStatus {
	return handbookStatus(file, p.handbook, p.calendar, time.Now())
}

// errNoFile says that there is no file to read again.
var errNoFile = errors.New("the handbook that comes with the program is in use, and it does not change; start the service with --handbook FILE to have one of your own")

func loadHandbook(path string) (*handbook.Handbook, error) {
	if path == "" {
		return handbook.Default(), nil
	}
	return handbook.Load(path)
}

// promise makes what follows from a handbook, and puts nothing into force.
func (o *office) promise(hb *handbook.Handbook) (*promises, error) {
	cal, err := hb.Calendar()
	if err != nil {
		return nil, fmt.Errorf("make the calendar: %w", err)
	}
	p := &promises{handbook: hb, calendar: cal}
	if o.conn != nil {
		if before := o.promises.Load(); before != nil {
			p.facts = before.facts.By(hb)
		} else {
			p.facts = analytics.NewFacts(o.conn, hb, o.logger)
		}
		p.metrics = analytics.New(o.conn, hb, cal).Over(p.facts).Publishing(o.config.SurveyScores, o.surveyScores(cal.Zone(), hb))
	}
	if o.surveys != nil {
		p.metrics.Asking(o.surveys.figures)
	}
	if p.router, err = o.router(p); err != nil {
		return nil, err
	}
	return p, nil
}

// reload reads the handbook's file again and puts it into force. When that
// fails, the old one stays.
func (o *office) reload(ctx context.Context) (before, after *promises, err error) {
	if o.config.Handbook == "" {
		return nil, nil, errNoFile
	}
	o.promising.Lock()
	defer o.promising.Unlock()
	hb, err := loadHandbook(o.config.Handbook)
	if err != nil {
		return nil, nil, err
	}
	return o.enforce(ctx, hb)
}

// enforce puts a handbook into force. The caller holds promising.
func (o *office) enforce(ctx context.Context, hb *handbook.Handbook) (before, after *promises, err error) {
	if after, err = o.promise(hb); err != nil {
		return nil, nil, err
	}
	before = o.promises.Swap(after)
	s := after.status("")
	o.logger.InfoContext(ctx, "handbook in force", "version", s.Version, "fingerprint", s.Fingerprint, "calendar", s.CalendarVersion)
	return before, after, nil
}

// turn puts into force the version that holds at now, if that is another one.
func (o *office) turn(ctx context.Context, now time.Time) error {
	o.promising.Lock()
	defer o.promising.Unlock()
	current := o.promises.Load().handbook
	next := current.History().At(now)
	if next == current || o.config.Handbook == "" { // the shipped one tells a story and is always the latest
		return nil
	}
	_, _, err := o.enforce(ctx, next)
	return err
}

// turnEvery is how soon after midnight a new version is in force.
const turnEvery = time.Minute

// keepPromises reads the handbook again on SIGHUP, and turns to its next version
// when the day has come. What fails is logged and the old handbook stays.
func (o *office) keepPromises(ctx context.Context) error {
	hangups := make(chan os.Signal, 1)
	if o.config.Handbook != "" { // else a closed terminal shall end the service, as usual
		signal.Notify(hangups, syscall.SIGHUP)
		defer signal.Stop(hangups)
	}
	minute := time.NewTicker(turnEvery)
	defer minute.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-hangups:
			_, _, err = o.reload(ctx)
		case now := <-minute.C:
			err = o.turn(ctx, now)
		}
		if err != nil {
			o.logger.ErrorContext(ctx, "handbook not changed; the old one stays in force", "error", err)
		}
	}
}
