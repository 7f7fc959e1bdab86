package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"example.com/officepulse/analytics/handbook"
	"example.com/officepulse/analytics/warning"
	"example.com/officepulse/dashboard"
	"example.com/officepulse/surveys/groupchat"
	"example.com/officepulse/surveys/mail"
	"example.com/officepulse/surveys/wave"
)

// warningSettings say who is told of warnings.
type warningSettings struct {
	Mail   []string       `yaml:"warning_mail"`   // addresses; in the file only
	Groups []warningGroup `yaml:"warning_groups"` // in the file only
}

// warningGroup is a group, or a receiver of one's own, that is told of warnings.
type warningGroup struct {
	Name    string `yaml:"name"`
	Service string `yaml:"service"` // wecom, dingtalk, feishu or webhook
	URL     string `yaml:"url"`     // a secret
	Secret  string `yaml:"secret"`  // for the signature, where the robot wants one
}

func (g *warningGroup) hook() groupchat.Hook {
	return groupchat.Hook{Service: groupchat.Service(g.Service), URL: g.URL, Secret: g.Secret}
}

// checkWarnings finds what is wrong with who is told of warnings. Nothing that is
// secret stands in a fault.
func (c *Config) checkWarnings(fault func(format string, args ...any)) {
	if len(c.Warnings.Mail) > 0 && c.Mail.Address == "" {
		fault("warning_mail: there is no mail server; set smtp_address and smtp_from too")
	}
	for _, to := range c.Warnings.Mail {
		if err := mail.CheckAddress(to); err != nil {
			fault("warning_mail: %q is no address; write name@example.com", to)
		}
	}
	seen := make(map[string]bool)
	for i := range c.Warnings.Groups {
		g := &c.Warnings.Groups[i]
		if g.Name == "" || seen[g.Name] {
			fault("warning_groups: group %d needs a name of its own", i+1)
		}
		seen[g.Name] = true
		if err := g.hook().Check(); err != nil {
			fault("warning_groups: %s: %v", g.Name, err)
		}
	}
}

// warnings is early warning as the pages ask for it, by the promises in force.
type warnings struct {
	*warning.Store

	inForce func() warning.InForce
}

// Past goes through a stretch of the past with the rules in force.
func (w *warnings) Past(ctx context.Context, from, to time.Time) (*warning.ScoreCard, []warning.Past, error) {
	rules := w.inForce()
	return rules.Past(ctx, from, to)
}

// earlyWarning is what pages show of it.
func (o *office) earlyWarning() dashboard.Warnings {
	return &warnings{warning.NewStore(o.conn), o.rulesInForce}
}

// rulesInForce are the rules of early warning by the promises of now.
func (o *office) rulesInForce() warning.InForce {
	p := o.promises.Load()
	return warning.InForce{Watch: warning.Watch{Handbook: p.handbook, Calendar: p.calendar}, Metrics: p.metrics}
}

// warn looks at the rules until ctx ends. Where several processes do, each
// warning is raised and told once all the same.
func (o *office) warn(ctx context.Context) error {
	tellers, err := o.warningTellers()
	if err != nil {
		return err
	}
	runner := &warning.Runner{
		InForce: o.rulesInForce, Store: warning.NewStore(o.conn), Waves: o.openWaves, Tellers: tellers, Now: time.Now, Logger: o.logger,
	}
	return runner.Run(ctx)
}

// openWaves are the surveys that are taking answers, with how many have answered.
func (o *office) openWaves(ctx context.Context) ([]warning.Wave, error) {
	if o.surveys == nil {
		return nil, nil
	}
	var all []warning.Wave
	for _, w := range o.surveys.Waves() {
		if w.Phase(time.Now()) != wave.Taking {
			continue
		}
		counts, err := o.surveys.Counts(ctx, w.Key)
		if err != nil {
			return nil, fmt.Errorf("count the answers to %s: %w", w.Key, err)
		}
		of := warning.Wave{Key: w.Key, Opens: w.Opens, Closes: w.Closes, Expected: uint64(max(0, w.Expected()))}
		for _, n := range counts {
			of.Answered += n
		}
		all = append(all, of)
	}
	return all, nil
}

func (o *office) warningTellers() ([]warning.Teller, error) {
	var tellers []warning.Teller
	words := func(w *warning.Warning) (title string, lines []string, err error) {
		return warningText(o.promises.Load().handbook, w)
	}
	link := func() string { return strings.TrimSuffix(o.publicURL(), "/") + "/warnings" }
	if len(o.config.Warnings.Mail) > 0 {
		sender, err := mail.New(o.config.Mail.config())
		if err != nil {
			return nil, err
		}
		for _, to := range o.config.Warnings.Mail {
			tellers = append(tellers, &mailTeller{sender, to, words, link})
		}
	}
	client := groupchat.New(o.config.PrivateWebhooks)
	for i := range o.config.Warnings.Groups {
		g := &o.config.Warnings.Groups[i]
		tellers = append(tellers, &groupTeller{client, g.Name, g.hook(), words, link})
	}
	return tellers, nil
}

// warningText says a warning in both languages, Chinese first.
func warningText(hb *handbook.Handbook, w *warning.Warning) (title string, lines []string, err error) {
	var titles []string
	for _, language := range []string{"zh", "en"} {
		t, more, err := dashboard.WarningText(hb, language, w)
		if err != nil {
			return "", nil, err
		}
		titles, lines = append(titles, t), append(append(lines, t), more...)
	}
	return strings.Join(titles, " · "), lines, nil
}

// mailTeller tells one address.
type mailTeller struct {
	sender *mail.Sender
	to     string
	words  func(*warning.Warning) (string, []string, error)
	link   func() string
}

// Channel names the address.
func (t *mailTeller) Channel() string { return "mail " + t.to }

// Tell sends a note.
func (t *mailTeller) Tell(ctx context.Context, w warning.Warning) error {
	title, lines, err := t.words(&w)
	if err != nil {
		return err
	}
	err = t.sender.SendNote(ctx, mail.Note{To: t.to, Subject: title, Text: strings.Join(lines, "\n") + "\n\n" + t.link() + "\n"})
	if errors.Is(err, mail.ErrNotSent) {
		return fmt.Errorf("%w: %w", warning.ErrNotTaken, err)
	}
	return err
}

// groupTeller tells a group or a receiver of one's own.
type groupTeller struct {
	client *groupchat.Client
	name   string
	hook   groupchat.Hook
	words  func(*warning.Warning) (string, []string, error)
	link   func() string
}

// Channel names the group, without its address, which is a secret.
func (t *groupTeller) Channel() string { return "group " + t.name }

// Tell posts a message.
func (t *groupTeller) Tell(ctx context.Context, w warning.Warning) error {
	title, lines, err := t.words(&w)
	if err != nil {
		return err
	}
	err = t.client.Post(ctx, t.hook, groupchat.Message{Heading: title, Lines: lines, Link: t.link()})
	_, refused := errors.AsType[*groupchat.RefusedError](err)
	_, limited := errors.AsType[*groupchat.RateLimitError](err)
	dial, network := errors.AsType[*net.OpError](err)
	if refused || limited || (network && dial.Op == "dial") {
		return fmt.Errorf("%w: %w", warning.ErrNotTaken, err)
	}
	return err
}
