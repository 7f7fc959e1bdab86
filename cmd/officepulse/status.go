package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/spf13/cobra"

	"example.com/officepulse/ingest"
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
	Lag        int64                 `json:"lag"` // messages that are not stored yet, in all partitions
	AsOf       time.Time             `json:"as_of,omitzero"`
	Partitions []ingest.PartitionLag `json:"partitions"`
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

// status tells about this process; it shows addresses, so it asks for the token.
func (o *office) status(c *gin.Context) {
	if c.GetHeader("Authorization") != "Bearer "+o.config.Token {
		c.JSON(http.StatusUnauthorized, gin.H{"type": "about:blank", "title": "Unauthorized", "status": http.StatusUnauthorized, "detail": "Send the token of this server as \"Authorization: Bearer …\""})
		return
	}
	ctx := c.Request.Context()
	s := Status{
		Version: version, PID: os.Getpid(), StartedAt: o.started.UTC(), Roles: o.config.Roles, Data: o.config.Data, HTTP: o.url,
		Kafka:      KafkaStatus{Embedded: o.kafka != nil, Brokers: o.brokers, Topics: append(ingest.Topics(), ingest.DeadLetterTopic)},
		ClickHouse: ClickHouseStatus{Embedded: o.engine != nil},
	}
	if o.engine != nil {
		s.ClickHouse.Address, s.ClickHouse.PID = o.engine.Addr(), o.engine.Pid()
	}
	var err error
	if s.Partitions, err = ingest.Lag(ctx, o.brokers, ingest.DefaultSinkConfig().Group); err != nil {
		o.logger.WarnContext(ctx, "lag unknown", "error", err)
		c.JSON(http.StatusServiceUnavailable, gin.H{"type": "about:blank", "title": "Service Unavailable", "status": http.StatusServiceUnavailable, "detail": "Kafka does not answer; how far the sink has come is unknown"})
		return
	}
	for _, p := range s.Partitions {
		s.Lag += p.Lag
	}
	if o.metrics != nil {
		if s.AsOf, err = o.metrics.AsOf(ctx); err != nil {
			o.logger.WarnContext(ctx, "as-of unknown", "error", err)
		}
	}
	c.JSON(http.StatusOK, s)
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
			_, err = fmt.Fprintf(out, "OfficePulse %s, pid %d, since %s\n  roles       %s\n  HTTP        %s\n  Kafka       %s%s\n  ClickHouse  %s%s\n  data        %s\n  lag         %d messages\n",
				s.Version, s.PID, s.StartedAt.Local().Format(time.DateTime), strings.Join(s.Roles, ", "), s.HTTP,
				strings.Join(s.Kafka.Brokers, ", "), embeddedNote(s.Kafka.Embedded), s.ClickHouse.Address, embeddedNote(s.ClickHouse.Embedded), s.Data, s.Lag)
			return err
		},
	}
	addClientFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func embeddedNote(is bool) string {
	if is {
		return " (embedded)"
	}
	return " (external)"
}
