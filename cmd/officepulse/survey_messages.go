package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"example.com/officepulse/surveys/form"
	"example.com/officepulse/surveys/groupchat"
	"example.com/officepulse/surveys/mail"
	"example.com/officepulse/surveys/messages"
)

// mailSettings are those of the server that sends invitations and reminders.
type mailSettings struct {
	Address    string `yaml:"smtp_address"`
	Encryption string `yaml:"smtp_encryption"`
	User       string `yaml:"smtp_user"`
	Password   string `yaml:"smtp_password"`
	From       string `yaml:"smtp_from"`
}

func (m *mailSettings) config() mail.Config {
	return mail.Config{Address: m.Address, Encryption: mail.Encryption(m.Encryption), User: m.User, Password: m.Password, From: m.From}
}

// surveyGroup is a group that is told of surveys.
type surveyGroup struct {
	Name       string `yaml:"name"`
	Department string `yaml:"department"` // key; the group gets its link
	Service    string `yaml:"service"`    // wecom, dingtalk or feishu
	URL        string `yaml:"url"`        // of the group's robot: a secret
	Secret     string `yaml:"secret"`     // for the signature, where the robot wants one
}

func (g *surveyGroup) hook() groupchat.Hook {
	return groupchat.Hook{Service: groupchat.Service(g.Service), URL: g.URL, Secret: g.Secret}
}

// checkMessages finds what is wrong with the ways to reach people. Nothing that
// is secret stands in a fault.
func (c *Config) checkMessages(fault func(format string, args ...any)) {
	switch c.Mail.Encryption {
	case "", string(mail.StartTLS), string(mail.TLS), string(mail.None):
	default:
		fault("smtp_encryption: %q is none; use starttls, tls or none", c.Mail.Encryption)
		return
	}
	if c.Mail.Address != "" {
		if _, err := mail.New(c.Mail.config()); err != nil {
			fault("smtp_address, smtp_from: %v", err)
		}
	}
	seen := make(map[string]bool)
	for i := range c.Groups {
		g := &c.Groups[i]
		if g.Name == "" || g.Department == "" || seen[g.Name] {
			fault("survey_groups: group %d needs a name of its own and a department", i+1)
		}
		seen[g.Name] = true
		if err := g.hook().Check(); err != nil {
			fault("survey_groups: %s: %v", g.Name, err)
		}
	}
}

// sendMessages sends invitations, reminders and notices until ctx ends, if there
// is a way to.
func (o *office) sendMessages(ctx context.Context) error {
	if o.config.Mail.Address == "" && len(o.config.Groups) == 0 {
		return nil
	}
	runner, err := o.messenger()
	if err != nil {
		return err
	}
	return runner.Run(ctx)
}

func (o *office) messenger() (*messages.Runner, error) {
	forms, err := url.Parse(strings.TrimSuffix(o.publicURL(), "/") + form.Path(""))
	if err != nil {
		return nil, fmt.Errorf("the address of survey links: %w", err)
	}
	runner := &messages.Runner{
		Surveys: o.surveys, Conn: o.conn, Forms: forms, Secret: o.surveys.secret, Zone: o.promises.Load().calendar.Zone(),
		Now: time.Now, Logger: o.logger, Retry: messages.DefaultRetry,
	}
	if o.config.Mail.Address != "" {
		sender, err := mail.New(o.config.Mail.config())
		if err != nil {
			return nil, err
		}
		runner.Mail = sender
	}
	if len(o.config.Groups) > 0 {
		runner.Tell = groupchat.New(o.config.PrivateWebhooks)
	}
	for i := range o.config.Groups {
		g := &o.config.Groups[i]
		runner.Groups = append(runner.Groups, messages.Group{Name: g.Name, Department: g.Department, Hook: g.hook()})
	}
	return runner, nil
}
