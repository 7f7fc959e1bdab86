package dashboard

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/ingest/delivery"
)

// auditFile is the audit as a file has it.
type auditFile struct {
	Metric string    `json:"metric"`
	AsOf   time.Time `json:"as_of"`
	delivery.Audit
}

// letterFile is a list of dead letters as a file has it.
type letterFile struct {
	Metric  string       `json:"metric"`
	Letters []letterLine `json:"letters"`
}

type letterLine struct {
	ID         string    `json:"id"`
	Topic      string    `json:"topic"`
	Partition  int       `json:"partition"`
	Offset     int64     `json:"offset"`
	Cause      string    `json:"cause"`
	State      string    `json:"state"`
	Reason     string    `json:"reason"`
	Preview    string    `json:"preview"`
	Size       int64     `json:"size"`
	ProducedAt time.Time `json:"produced_at"`
	PutAt      time.Time `json:"put_at"`
}

func lineOf(l *delivery.Filed) letterLine {
	return letterLine{
		ID: l.ID, Topic: l.Place.Topic, Partition: l.Place.Partition, Offset: l.Place.Offset, Cause: string(l.Kind), State: string(l.State),
		Reason: l.Reason, Preview: Preview(l.Value, previewRunes), Size: l.Size, ProducedAt: l.ProducedAt, PutAt: l.PutAt,
	}
}

// operationsFiles adds the tables of the page about delivery as files.
func (s *server) operationsFiles(pages *gin.RouterGroup) {
	files := pages.Group("/operations/files", s.chooseFormat, onlyFiles)
	files.GET("/audit", s.auditFile)
	files.GET("/deadletters", s.letterFile)
}

// onlyFiles refuses a request that names no kind of file.
func onlyFiles(c *gin.Context) {
	if _, ok := wished(c); !ok && !c.IsAborted() {
		newProblem(http.StatusBadRequest, "this is offered as a file only; see errors",
			fault{Parameter: "format", Detail: "missing", Allowed: []string{string(formatCSV), string(formatXLSX)}}).send(c)
		c.Abort()
	}
}

func (s *server) auditFile(c *gin.Context) {
	audit, err := s.audits.recent(c.Request.Context())
	if err != nil {
		s.apiError(c, err)
		return
	}
	s.sendFile(c, auditFile{Metric: "audit", AsOf: audit.At, Audit: *audit})
}

// letterFile sends all letters that the page's filter chooses, page after page.
func (s *server) letterFile(c *gin.Context) {
	q, ok := parseLetterQuery(c.Request.URL.Query())
	if !ok {
		newProblem(http.StatusBadRequest, s.messages.In(language(c)).T("operations.bad_request")).send(c)
		return
	}
	f := q.at(1).filter()
	f.Limit = maxListed
	first, more, err := s.letterPart(c.Request.Context(), f)
	if err != nil {
		s.apiError(c, err)
		return
	}
	s.sendFile(c, parted{first, func(ctx context.Context) (any, error) {
		if !more {
			return nil, nil //nolint:nilnil // there is no more
		}
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		f.Offset += f.Limit
		var part letterFile
		part, more, err = s.letterPart(ctx, f)
		return part, err
	}})
}

func (s *server) letterPart(ctx context.Context, f delivery.Filter) (part letterFile, more bool, err error) {
	list, more, err := s.someLetters(ctx, f)
	part = letterFile{Metric: "deadletters", Letters: make([]letterLine, len(list))}
	for i := range list {
		part.Letters[i] = lineOf(&list[i])
	}
	return part, more, err
}

// fileMenu is the menu of a table that a path below the page gives as a file.
func (v deliveryView) fileMenu(name string, q letterQuery) exportMenu {
	values := q.values()
	values.Del("page")
	values.Set("lang", string(v.Language))
	in := func(f format) string {
		values.Set("format", string(f))
		return hrefOf("/operations/files/"+name, values)
	}
	return exportMenu{CSV: in(formatCSV), XLSX: in(formatXLSX)}
}
