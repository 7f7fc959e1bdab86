package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/spf13/cobra"

	"example.com/officepulse/ingest"
	"example.com/officepulse/ingest/delivery"
)

// Status is where a running service is and how it does.
type Status struct {
	Version    string                `json:"version"`
	PID        int                   `json:"pid"`
	StartedAt  time.Time             `json:"started_at"`
	Roles      []string              `json:"roles"`
	Data       string                `json:"data"`
	HTTP       string                `json:"http"`
	Kafka      KafkaStatus           `json:"kafka"`
	ClickHouse ClickHouseStatus      `json:"clickhouse"`
	Handbook   HandbookStatus        `json:"handbook"`
	Lag        int64                 `json:"lag"`             // messages that are not stored yet, in all partitions
	Stored     time.Time             `json:"stored,omitzero"` // Kafka's time of the newest event stored
	AsOf       time.Time             `json:"as_of,omitzero"`  // and of the newest that figures know
	Partitions []ingest.PartitionLag `json:"partitions"`
	Troubles   []delivery.Trouble    `json:"troubles,omitempty"` // of the sink in this process; tried again by itself
	Faults     []string              `json:"faults,omitempty"`   // for somebody to see to: parts that do not answer, troubles that no retry mends
}

// KafkaStatus is the broker in use.
type KafkaStatus struct {
	Embedded bool     `json:"embedded"`
	Brokers  []string `json:"brokers"`
	Topics   []string `json:"topics"`
}

// ClickHouseStatus is the database in use. It holds no password.
type ClickHouseStatus struct {
	Embedded bool   `json:"embedded"`
	Address  string `json:"address,omitempty"`
	PID      int    `json:"pid,omitempty"` // of the embedded engine
}

// status tells about this process. What is unknown because a part does not
// answer is left out and named in Faults.
func (o *office) status(c *gin.Context) {
	ctx := c.Request.Context()
	s := Status{
		Version: version, PID: os.Getpid(), StartedAt: o.started.UTC(), Roles: o.config.Roles, Data: o.config.Data, HTTP: o.url,
		Kafka:      KafkaStatus{Embedded: o.kafka != nil, Brokers: o.brokers, Topics: append(ingest.Topics(), ingest.DeadLetterTopic)},
		ClickHouse: ClickHouseStatus{Embedded: o.config.ClickHouseDSN == ""}, Handbook: o.promises.Load().status(o.config.Handbook),
	}
	if o.engine != nil {
		s.ClickHouse.Address, s.ClickHouse.PID = o.engine.Addr(), o.engine.Pid()
	} else if u, err := url.Parse(o.config.ClickHouseDSN); err == nil {
		s.ClickHouse.Address = u.Host // and not the password beside it
	}
	var err error
	if s.Partitions, err = ingest.Lag(ctx, o.brokers, ingest.DefaultSinkConfig().Group); err != nil {
		o.logger.WarnContext(ctx, "lag unknown", "error", err)
		s.Faults = append(s.Faults, "Kafka does not answer: how far the sink has come is unknown")
	}
	for _, p := range s.Partitions {
		s.Lag += p.Lag
	}
	if p := o.promises.Load(); p.metrics != nil {
		if s.Stored, err = p.metrics.Stored(ctx); err == nil {
			s.AsOf, err = p.metrics.AsOf(ctx)
		}
		if err != nil {
			o.logger.WarnContext(ctx, "as-of unknown", "error", err)
			s.Faults = append(s.Faults, "ClickHouse does not answer")
		}
	}
	if o.sink != nil {
		s.Troubles = o.sink.Troubles()
	}
	for _, t := range s.Troubles {
		if t.Blocked {
			s.Faults = append(s.Faults, troubleText(t)+": "+t.Reason)
		}
	}
	c.JSON(http.StatusOK, s)
}

// troubleText names a trouble in one line. Its reason is left to those who
// showed the token: it may quote addresses and names.
func troubleText(t delivery.Trouble) string {
	where := "all partitions"
	if t.Topic != "" {
		where = fmt.Sprintf("%s/%d", t.Topic, t.Partition)
	}
	what := "is tried again"
	if t.Blocked {
		what = "waits for somebody to act"
	}
	return fmt.Sprintf("sink: %s of %s fails since %s (%d attempts) and %s", t.Step, where, t.Since.UTC().Format(time.RFC3339), t.Attempts, what)
}

func statusCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show the addresses and the state of a running service",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := newClient(cmd.Flags())
			if err != nil {
				return err
			}
			s, err := c.status(cmd.Context())
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if asJSON {
				enc := json.NewEncoder(out)
				enc.SetIndent("", "  ")
				return enc.Encode(s)
			}
			return s.print(out)
		},
	}
	addClientFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// print writes the status for a person.
func (s *Status) print(w io.Writer) error {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		_, _ = fmt.Fprintf(&b, "  %-11s "+format+"\n", append([]any{name}, args...)...)
	}
	_, _ = fmt.Fprintf(&b, "OfficePulse %s, pid %d, since %s\n", s.Version, s.PID, s.StartedAt.Local().Format(time.DateTime))
	line("roles", "%s", strings.Join(s.Roles, ", "))
	line("HTTP", "%s", s.HTTP)
	line("Kafka", "%s%s", strings.Join(s.Kafka.Brokers, ", "), embeddedNote(s.Kafka.Embedded))
	line("ClickHouse", "%s%s", s.ClickHouse.Address, embeddedNote(s.ClickHouse.Embedded))
	line("data", "%s", s.Data)
	line("handbook", "%s (fingerprint %s), %s", s.Handbook.Version, s.Handbook.Fingerprint, cmp.Or(s.Handbook.File, "comes with the program"))
	line("calendar", "%s", s.Handbook.CalendarVersion)
	if len(s.Handbook.ProvisionalYears) > 0 {
		line("", "provisional (暂定): holidays of %s are not announced yet", s.Handbook.provisional())
	}
	line("lag", "%d messages", s.Lag)
	for _, p := range s.Partitions {
		line("", "%s/%d: %d of %d", p.Topic, p.Partition, max(p.Committed, p.First), p.End)
	}
	for _, t := range s.Troubles {
		if !t.Blocked { // else it is among the faults
			line("trouble", "%s: %s", troubleText(t), t.Reason)
		}
	}
	for _, f := range s.Faults {
		line("fault", "%s", f)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func embeddedNote(is bool) string {
	if is {
		return " (embedded)"
	}
	return " (external)"
}
