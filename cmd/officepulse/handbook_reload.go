package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/spf13/cobra"

	"example.com/officepulse/analytics/handbook"
)

// HandbookReloaded is the answer of POST /api/v1/handbook/reload.
type HandbookReloaded struct {
	HandbookStatus

	Changed bool           `json:"changed"` // figures may differ from before
	Before  HandbookStatus `json:"before"`
}

// HandbookProblem is the answer when the file cannot be put into force (RFC 9457).
type HandbookProblem struct {
	Type   string            `json:"type"`
	Title  string            `json:"title"`
	Status int               `json:"status"`
	Detail string            `json:"detail"`
	Errors []HandbookMistake `json:"errors,omitempty"` // all of them
}

// HandbookMistake is one mistake in the file.
type HandbookMistake struct {
	Line   int    `json:"line"` // from 1; 0 when it is not known
	Detail string `json:"detail"`
	Remedy string `json:"remedy"`
}

// reloadHandbook answers POST /api/v1/handbook/reload.
func (o *office) reloadHandbook(c *gin.Context) {
	before, after, err := o.reload(c.Request.Context())
	switch {
	case errors.Is(err, errNoFile):
		problem(c, http.StatusConflict, err.Error())
		return
	case err != nil:
		o.logger.WarnContext(c.Request.Context(), "handbook not reloaded", "error", err)
		refuseHandbook(c, o.config.Handbook, err)
		return
	}
	answer := HandbookReloaded{HandbookStatus: after.status(o.config.Handbook), Before: before.status(o.config.Handbook)}
	answer.Changed = answer.Version != answer.Before.Version || answer.Fingerprint != answer.Before.Fingerprint || answer.CalendarVersion != answer.Before.CalendarVersion
	c.JSON(http.StatusOK, answer)
}

func refuseHandbook(c *gin.Context, file string, err error) {
	p := HandbookProblem{Type: "about:blank", Title: http.StatusText(http.StatusUnprocessableEntity), Status: http.StatusUnprocessableEntity}
	for _, m := range handbook.Mistakes(err) {
		p.Errors = append(p.Errors, HandbookMistake{Line: m.Line, Detail: m.Text, Remedy: m.Remedy})
	}
	p.Detail = fmt.Sprintf("%s has %s; the handbook from before stays in force", file, counted(len(p.Errors), "mistake"))
	if len(p.Errors) == 0 {
		p.Detail = fmt.Sprintf("%v; the handbook from before stays in force", err)
	}
	body, err := json.Marshal(p)
	if err != nil {
		body = nil
	}
	c.Data(p.Status, "application/problem+json", body)
}

func reloadCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "reload",
		Short: "Have a running service read its handbook again, without a restart",
		Long: `Have a running service read the file of its --handbook again. Figures and pages
go by it at once; no stored event changes. A file with mistakes is refused with
all of them, and the handbook from before stays in force. SIGHUP does the same.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := newClient(cmd.Flags())
			if err != nil {
				return err
			}
			var r HandbookReloaded
			if err := c.ask(cmd.Context(), http.MethodPost, "/api/v1/handbook/reload", nil, &r); err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), r)
			}
			return r.print(cmd.OutOrStdout())
		},
	}
	addClientFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// print writes what changed for a person.
func (r *HandbookReloaded) print(w io.Writer) error {
	text := "read again; nothing has changed\n"
	if r.Changed {
		text = fmt.Sprintf("in force now, before: handbook %s (fingerprint %s), calendar %s\n", r.Before.Version, r.Before.Fingerprint, r.Before.CalendarVersion)
	}
	if _, err := io.WriteString(w, text); err != nil {
		return err
	}
	return r.HandbookStatus.print(w)
}
