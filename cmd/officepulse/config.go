package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"example.com/officepulse/analytics/anonymity"
	"example.com/officepulse/cmd/officepulse/demo"
)

// Roles that a process can play; together they are the whole service.
const (
	roleGateway   = "gateway"   // takes events over HTTP
	roleSink      = "sink"      // stores events
	roleDashboard = "dashboard" // answers questions
)

// Config is what serve can be told: by a flag, else by the environment, else by
// the YAML file, else by default. The yaml tag names a setting everywhere:
// kafka_port is --kafka-port and OFFICEPULSE_KAFKA_PORT.
type Config struct {
	Data          string `yaml:"data"`               // directory of everything that is kept
	Listen        string `yaml:"listen"`             // host:port of HTTP
	Roles         words  `yaml:"roles"`              //
	KafkaBrokers  words  `yaml:"kafka_brokers"`      // of a real cluster; empty: the embedded broker
	KafkaPort     int    `yaml:"kafka_port"`         // of the embedded broker; 0: a free one
	Partitions    int    `yaml:"partitions"`         // of topics that are made
	ClickHouseDSN string `yaml:"clickhouse_dsn"`     // of a real server; empty: the embedded engine
	BackupPlace   string `yaml:"backup_destination"` // of a real server's backups, see [destination]
	PublicURL     string `yaml:"public_url"`         // under which people reach the service, in survey links; empty: where it listens
	Token         string `yaml:"token"`              // for sending events; empty: one is made and kept
	Handbook      string `yaml:"handbook"`           // file; empty: the built-in one
	Demo          string `yaml:"demo"`               // preset to stream when the store is empty; empty: none
	ReadyQuarters int    `yaml:"ready_quarters"`     // whose pages are asked for before somebody opens them
	// A department with fewer answers, or comments, is hidden.
	SurveyScores   int `yaml:"survey_scores"`
	SurveyComments int `yaml:"survey_comments"`

	Mail     mailSettings    `yaml:",inline"`
	Groups   []surveyGroup   `yaml:"survey_groups"` // told when a survey opens; in the file only
	Warnings warningSettings `yaml:",inline"`
	// PrivateWebhooks allows group webhooks at addresses that are not public and without TLS.
	PrivateWebhooks bool `yaml:"survey_private_webhooks"`

	LogLevel  string `yaml:"log_level"`  // debug, info, warn, error
	LogFormat string `yaml:"log_format"` // text, json
}

// Default returns the settings of an installation on one machine.
func Default() Config {
	return Config{
		Data: defaultDataDir(), Listen: "127.0.0.1:8080", Roles: []string{roleGateway, roleSink, roleDashboard},
		SurveyScores: anonymity.Default.Scores, SurveyComments: anonymity.Default.Comments,
		ReadyQuarters: 8, Partitions: 2, LogLevel: "info", LogFormat: "text",
	}
}

// setting is one field of Config with its name and how a text becomes its value.
type setting struct {
	name string // as in YAML
	help string
	set  func(c *Config, text string) error
	show func(c *Config) string
}

func textSetting(name, help string, field func(*Config) *string) setting {
	return setting{
		name: name, help: help,
		set:  func(c *Config, text string) error { *field(c) = text; return nil },
		show: func(c *Config) string { return *field(c) },
	}
}

func listSetting(name, help string, field func(*Config) *words) setting {
	return setting{
		name: name, help: help,
		set: func(c *Config, text string) error {
			*field(c) = split(text)
			return nil
		},
		show: func(c *Config) string { return strings.Join(*field(c), ",") },
	}
}

func numberSetting(name, help string, field func(*Config) *int) setting {
	return setting{
		name: name, help: help,
		set: func(c *Config, text string) error {
			n, err := strconv.Atoi(text)
			if err != nil {
				return fmt.Errorf("%q is no whole number", text)
			}
			*field(c) = n
			return nil
		},
		show: func(c *Config) string { return strconv.Itoa(*field(c)) },
	}
}

func settings() []setting {
	return []setting{
		textSetting("data", "directory of everything that is kept", func(c *Config) *string { return &c.Data }),
		textSetting("listen", "host:port to serve HTTP on", func(c *Config) *string { return &c.Listen }),
		listSetting("roles", "what this process does", func(c *Config) *words { return &c.Roles }),
		listSetting("kafka_brokers", "brokers of a real Kafka instead of the embedded one", func(c *Config) *words { return &c.KafkaBrokers }),
		numberSetting("kafka_port", "port of the embedded Kafka, 0 for a free one", func(c *Config) *int { return &c.KafkaPort }),
		numberSetting("partitions", "partitions of topics that are made", func(c *Config) *int { return &c.Partitions }),
		textSetting("clickhouse_dsn", "address of a real ClickHouse instead of the embedded one, clickhouse://user:password@host:9000/database", func(c *Config) *string { return &c.ClickHouseDSN }),
		textSetting("backup_destination", "where a ClickHouse server of your own puts backups: S3('https://host/bucket/folder','key','secret'), Disk('disk','folder') or File('folder'); better given as OFFICEPULSE_BACKUP_DESTINATION", func(c *Config) *string { return &c.BackupPlace }),
		textSetting("public_url", "address under which people reach the service through your reverse proxy, for survey links: https://pulse.example.com", func(c *Config) *string { return &c.PublicURL }),
		textSetting("token", "bearer token for sending events; better given as OFFICEPULSE_TOKEN", func(c *Config) *string { return &c.Token }),
		textSetting("handbook", "handbook file instead of the built-in one; read again on SIGHUP and by \"officepulse reload\"", func(c *Config) *string { return &c.Handbook }),
		textSetting("demo", "demo story (S, M or L) to stream when the store is empty", func(c *Config) *string { return &c.Demo }),
		numberSetting("ready_quarters", "quarters, from the newest, whose pages are made ready in quiet times before somebody opens them; 0: none", func(c *Config) *int { return &c.ReadyQuarters }),
		numberSetting("survey_scores", "answers that a department needs for its scores to be shown, 3 or more", func(c *Config) *int { return &c.SurveyScores }),
		numberSetting("survey_comments", "comments that a department needs to be named beside them", func(c *Config) *int { return &c.SurveyComments }),
		textSetting("smtp_address", "host:port of the mail server that sends survey invitations and reminders; empty: none are sent", func(c *Config) *string { return &c.Mail.Address }),
		textSetting("smtp_encryption", "starttls, tls or none", func(c *Config) *string { return &c.Mail.Encryption }),
		textSetting("smtp_user", "name to log in at the mail server with; empty: it asks for none", func(c *Config) *string { return &c.Mail.User }),
		textSetting("smtp_password", "its password; better given as OFFICEPULSE_SMTP_PASSWORD", func(c *Config) *string { return &c.Mail.Password }),
		textSetting("smtp_from", "sender of survey mail, such as Office <office@example.com>", func(c *Config) *string { return &c.Mail.From }),
		textSetting("log_level", "debug, info, warn or error", func(c *Config) *string { return &c.LogLevel }),
		textSetting("log_format", "text or json", func(c *Config) *string { return &c.LogFormat }),
	}
}

func (s setting) flag() string        { return strings.ReplaceAll(s.name, "_", "-") }
func (s setting) environment() string { return "OFFICEPULSE_" + strings.ToUpper(s.name) }

// addFlags declares a flag for every setting, or for those that are named, and
// --config.
func addFlags(flags *pflag.FlagSet, names ...string) {
	defaults := Default()
	flags.String("config", "", "YAML file with settings [OFFICEPULSE_CONFIG]")
	for _, s := range settings() {
		if len(names) == 0 || slices.Contains(names, s.name) {
			flags.String(s.flag(), s.show(&defaults), s.help+" ["+s.environment()+"]")
		}
	}
}

// LoadConfig gathers the settings from everywhere and checks them. Its error
// joins every fault found, each with the place it stands in.
func LoadConfig(flags *pflag.FlagSet, getenv func(string) string) (Config, error) {
	c := Default()
	var faults []error
	file := getenv("OFFICEPULSE_CONFIG")
	if f := flags.Lookup("config"); f != nil && f.Changed {
		file = f.Value.String()
	}
	if file != "" {
		if err := c.readFile(file); err != nil {
			faults = append(faults, err)
		}
	}
	for _, s := range settings() {
		if text := getenv(s.environment()); text != "" {
			if err := s.set(&c, text); err != nil {
				faults = append(faults, fmt.Errorf("%s: %w", s.environment(), err))
			}
		}
		if f := flags.Lookup(s.flag()); f != nil && f.Changed {
			if err := s.set(&c, f.Value.String()); err != nil {
				faults = append(faults, fmt.Errorf("--%s: %w", s.flag(), err))
			}
		}
	}
	faults = append(faults, c.Validate())
	return c, errors.Join(faults...)
}

func (c *Config) readFile(path string) error {
	text, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		return fmt.Errorf("read the settings: %w", err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	err = dec.Decode(c)
	if faults, ok := errors.AsType[*yaml.TypeError](err); ok {
		return fmt.Errorf("%s: %s", path, strings.ReplaceAll(strings.Join(faults.Errors, "; "), " in type main.Config", ""))
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// words is a list that may be written as a YAML list or, as in the environment,
// with commas.
type words []string

// UnmarshalYAML reads either form.
func (w *words) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*w = split(n.Value)
		return nil
	}
	return n.Decode((*[]string)(w))
}

func split(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

// Validate reports everything wrong with the settings, not only the first.
func (c *Config) Validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if c.Data == "" {
		fault("data: name a directory")
	}
	if c.ReadyQuarters < 0 {
		fault("ready_quarters: %d is no number of quarters; 0 is none", c.ReadyQuarters)
	}
	if err := (anonymity.Rule{Scores: c.SurveyScores, Comments: c.SurveyComments}).Check(); err != nil {
		fault("survey_scores, survey_comments: %v", err)
	}
	if host, port, err := net.SplitHostPort(c.Listen); err != nil {
		fault("listen: %q is no host:port, such as 127.0.0.1:8080", c.Listen)
	} else {
		if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
			fault("listen: %q is no port", port)
		}
		if !loopback(host) {
			fault("listen: %q can be reached from other machines, and there are no accounts yet to protect what it shows; use 127.0.0.1, and for others a reverse proxy that asks who is there and passes on \"Host: 127.0.0.1\"", c.Listen)
		}
	}
	if len(c.Roles) == 0 {
		fault("roles: name at least one of gateway, sink, dashboard")
	}
	for _, r := range c.Roles {
		if !slices.Contains([]string{roleGateway, roleSink, roleDashboard}, r) {
			fault("roles: %q is none; use gateway, sink, dashboard", r)
		}
	}
	for _, b := range c.KafkaBrokers {
		if _, _, err := net.SplitHostPort(b); err != nil {
			fault("kafka_brokers: %q is no host:port", b)
		}
	}
	if c.KafkaPort < 0 || c.KafkaPort > 65535 {
		fault("kafka_port: %d is no port", c.KafkaPort)
	}
	if c.Partitions < 1 || c.Partitions > 1000 {
		fault("partitions: %d is not between 1 and 1000", c.Partitions)
	}
	if c.ClickHouseDSN != "" {
		if u, err := url.Parse(c.ClickHouseDSN); err != nil || u.Scheme != "clickhouse" || len(u.Path) < 2 {
			fault("clickhouse_dsn: write clickhouse://user:password@host:9000/database")
		}
	}
	if c.BackupPlace != "" {
		if _, err := parseDestination(c.BackupPlace); err != nil {
			fault("backup_destination: %w", err)
		}
		if c.ClickHouseDSN == "" {
			fault("backup_destination: it is for a ClickHouse server of your own (clickhouse_dsn); the embedded engine's part lies in the backup itself")
		}
	}
	if c.PublicURL != "" {
		if u, err := url.Parse(c.PublicURL); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			fault("public_url: write an address such as https://pulse.example.com, without anything after the path")
		}
	}
	c.checkMessages(fault)
	c.checkWarnings(fault)
	if c.Demo != "" {
		if _, err := demo.ParsePreset(c.Demo); err != nil {
			fault("demo: %w", err)
		}
		if len(c.Roles) < len(Default().Roles) {
			fault("demo: the story goes in at the gateway and has to be stored and seen empty; it needs the roles gateway, sink and dashboard in this process")
		}
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		fault("log_level: %q is none; use debug, info, warn or error", c.LogLevel)
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		fault("log_format: %q is none; use text or json", c.LogFormat)
	}
	return errors.Join(faults...)
}

// has reports whether this process plays a role.
func (c *Config) has(role string) bool { return slices.Contains(c.Roles, role) }

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// defaultDataDir is the user's state directory: XDG_STATE_HOME, by default
// ~/.local/state, and its counterpart on macOS.
func defaultDataDir() string {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "officepulse")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "officepulse-data"
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Application Support", "officepulse")
	}
	return filepath.Join(home, ".local", "state", "officepulse")
}

func newLogger(c Config, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // Validate has seen to it
	options := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
