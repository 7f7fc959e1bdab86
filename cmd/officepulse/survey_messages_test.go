package main

import (
	"strings"
	"testing"
)

func TestMessageSettings(t *testing.T) {
	file := write(t, `smtp_address: mail.example.com:587
smtp_from: 办公室 <office@example.com>
smtp_user: office
survey_groups:
  - {name: sales, department: sales, service: dingtalk, url: "https://oapi.dingtalk.com/robot/send?access_token=hush", secret: SEChush}
`)
	c, err := load(t, map[string]string{"OFFICEPULSE_CONFIG": file, "OFFICEPULSE_SMTP_PASSWORD": "word"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Mail.Address != "mail.example.com:587" || c.Mail.Password != "word" || len(c.Groups) != 1 || c.Groups[0].Service != "dingtalk" {
		t.Errorf("got %+v, %+v", c.Mail, c.Groups)
	}
	bad := write(t, `smtp_address: mail.example.com
survey_groups:
  - {name: a, department: sales, service: slack, url: "https://example.com/?key=hush"}
  - {name: a, department: sales, service: wecom, url: "ftp://example.com/?key=hush"}
`)
	_, err = load(t, map[string]string{"OFFICEPULSE_CONFIG": bad, "OFFICEPULSE_SURVEY_SCORES": "2"})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"no host:port", "not of \"slack\"", "begins with https://", "group 2 needs a name of its own", "at least 3 are needed"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "hush") {
		t.Errorf("a secret stands in the error:\n%v", err)
	}
}
