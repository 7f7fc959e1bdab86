package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func load(t *testing.T, environment map[string]string, args ...string) (Config, error) {
	t.Helper()
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	addFlags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return LoadConfig(flags, func(name string) string { return environment[name] })
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "officepulse.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestConfigPrecedence(t *testing.T) {
	file := write(t, "data: from-file\nlisten: 127.0.0.1:1\npartitions: 7\nroles: [sink]\n")
	c, err := load(t, map[string]string{"OFFICEPULSE_CONFIG": file, "OFFICEPULSE_LISTEN": "127.0.0.1:2", "OFFICEPULSE_DATA": "from-environment"}, "--data", "from-flag")
	if err != nil {
		t.Fatal(err)
	}
	if c.Data != "from-flag" || c.Listen != "127.0.0.1:2" || c.Partitions != 7 || !c.has(roleSink) || c.has(roleGateway) {
		t.Errorf("got %+v: a flag goes before the environment, that before the file, that before the default", c)
	}
}

func TestConfigDefaultIsValid(t *testing.T) {
	if _, err := load(t, nil); err != nil {
		t.Error(err)
	}
}

func TestConfigReportsAllFaultsAtOnce(t *testing.T) {
	_, err := load(t, map[string]string{"OFFICEPULSE_PARTITIONS": "many", "OFFICEPULSE_CLICKHOUSE_DSN": "http://x", "OFFICEPULSE_LOG_FORMAT": "xml"},
		"--listen", "0.0.0.0:8080", "--roles", "gateway,cook", "--kafka-port", "70000", "--log-level", "loud", "--demo", "XXL", "--kafka-brokers", "nowhere")
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`OFFICEPULSE_PARTITIONS: "many" is no whole number`, "clickhouse_dsn: write clickhouse://", `log_format: "xml"`,
		"can be reached from other machines", `roles: "cook"`, "kafka_port: 70000", `log_level: "loud"`, "demo: ", `kafka_brokers: "nowhere"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q:\n%v", want, err)
		}
	}
}

func TestConfigFileLists(t *testing.T) {
	for _, text := range []string{"kafka_brokers: a:1,b:2\n", "kafka_brokers: [\"a:1\", \"b:2\"]\n"} {
		c, err := load(t, nil, "--config", write(t, text))
		if err != nil || len(c.KafkaBrokers) != 2 || c.KafkaBrokers[1] != "b:2" {
			t.Errorf("%q: got %q, error %v", text, c.KafkaBrokers, err)
		}
	}
	_, err := load(t, nil, "--config", write(t, "partitions: many\nlog_level: loud\n"))
	if err == nil || !strings.Contains(err.Error(), "line 1") || !strings.Contains(err.Error(), "loud") {
		t.Errorf("a wrong type beside a wrong word: got %v, want both", err)
	}
}

func TestConfigFileFaults(t *testing.T) {
	_, err := load(t, nil, "--config", write(t, "listen: 127.0.0.1:1\nlisten_address: x\n"))
	if err == nil || !strings.Contains(err.Error(), "line 2") || !strings.Contains(err.Error(), "listen_address") {
		t.Errorf("an unknown setting: got %v, want its line and name", err)
	}
	if _, err := load(t, nil, "--config", "nowhere.yaml"); err == nil || !strings.Contains(err.Error(), "nowhere.yaml") {
		t.Errorf("a missing file: got %v", err)
	}
}
