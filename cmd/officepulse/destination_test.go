package main

import (
	"errors"
	"strings"
	"testing"
)

func TestBackupDestination(t *testing.T) {
	for text, want := range map[string]string{
		"S3('https://s3.example/bucket/office/','AKIA','it''s\\')": `S3('https://s3.example/bucket/office/b', 'AKIA', 'it\'s\\')`,
		`S3("https://s3.example/bucket", "AKIA", "a,b)")`:          `S3('https://s3.example/bucket/b', 'AKIA', 'a,b)')`,
		"S3('http://127.0.0.1:9000/bucket')":                       "S3('http://127.0.0.1:9000/bucket/b')",
		" Disk( 'backups' , '' ) ":                                 "Disk('backups', 'b')",
		"Disk('backups','office')":                                 "Disk('backups', 'office/b')",
		"File('nightly')":                                          "File('nightly/b')",
	} {
		d, err := parseDestination(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := d.of("b").clause(); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

// What is no destination is refused, and the secret in it is not repeated.
func TestBackupDestinationRefused(t *testing.T) {
	for _, text := range []string{
		"", "S3", "S3()", "S3('https://h/b','key','SECRET'", "S3('https://h/b','key','SECRET') SETTINGS x=1", "S3('https://h/b','SECRET')",
		"S3('https://h/b','key','SECRET','x')", "S3('ftp://h/b','key','SECRET')", "S3('https://user:SECRET@h/b')", "S3('https://h/b?sig=SECRET')",
		"Disk('backups')", "Null()", "S3('https://h/b','key','SECRET'), File('x')", "File('a' 'b')", "file('x')", "S3(https://h/b,key,SECRET)",
	} {
		if _, err := parseDestination(text); err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

func TestBackupDestinationHidesSecrets(t *testing.T) {
	d, err := parseDestination("S3('https://h/b','KEY','SECRET')")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := d.of("x").String(), "S3('https://h/b/x', '…', '…')"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := d.hide(errors.New("KEY and SECRET are wrong").Error()); got != "… and … are wrong" {
		t.Errorf("got %s", got)
	}
}
