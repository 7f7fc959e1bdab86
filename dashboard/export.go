package dashboard

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/dashboard/export"
	"example.com/officepulse/dashboard/i18n"
)

// format is how an answer of the API is written.
type format string

// The formats.
const (
	formatJSON format = "json"
	formatCSV  format = "csv"
	formatXLSX format = "xlsx"
)

var formats = []string{string(formatJSON), string(formatCSV), string(formatXLSX)}

// mediaTypes are what an Accept header asks for.
var mediaTypes = map[string]format{
	"application/json": formatJSON,
	"text/csv":         formatCSV,
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": formatXLSX,
}

func (f format) contentType() string {
	for name, known := range mediaTypes {
		if known != f {
			continue
		}
		if f == formatCSV {
			return name + "; charset=utf-8; header=present"
		}
		return name
	}
	return ""
}

// wish is what a request asks of an export.
type wish struct {
	format   format
	language i18n.Language   // of headings, names and definitions
	part     string          // which of an answer's tables a CSV has; "" for the first
	question url.Values      // what was asked, without the parameters above
	patient  context.Context // the request's own, before it got the short deadline of a page
}

const wishKey = "officepulse.export"

// chooseFormat reads in which format, language and part the answer is wanted,
// and takes those parameters away, so that each handler sees its question only.
func (s *server) chooseFormat(c *gin.Context) {
	values := c.Request.URL.Query()
	p := queryParser{values: values}
	chosen := format(p.word("format", formats, string(accepted(c.GetHeader("Accept")))))
	c.Header("Vary", "Accept")
	if values.Has("format") {
		values.Del("format")
		c.Request.URL.RawQuery = values.Encode()
	}
	if chosen == formatJSON && len(p.faults) == 0 {
		return
	}
	w := wish{format: chosen, language: i18n.Accepted(c.GetHeader("Accept-Language")), part: p.single("part"), patient: c.Request.Context()}
	if l := p.word("lang", []string{string(i18n.Chinese), string(i18n.English)}, ""); l != "" {
		w.language = i18n.Language(l)
	}
	if len(p.faults) > 0 {
		newProblem(http.StatusBadRequest, "the export cannot be understood; see errors", p.faults...).send(c)
		c.Abort()
		return
	}
	values.Del("lang")
	values.Del("part")
	w.question = values
	c.Request.URL.RawQuery = values.Encode()
	c.Set(wishKey, w)
}

// accepted is the format that an Accept header likes best; JSON when it says
// nothing or likes all alike.
func accepted(header string) format {
	best, liking := formatJSON, 0.0
	for part := range strings.SplitSeq(header, ",") {
		name, parameters, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil {
			continue
		}
		quality := 1.0
		if q, err := strconv.ParseFloat(parameters["q"], 64); err == nil {
			quality = q
		}
		f, known := mediaTypes[name]
		if name == "*/*" || name == "application/*" {
			f, known = formatJSON, true
		}
		if known && quality > liking {
			best, liking = f, quality
		}
	}
	return best
}

// wished is what the request asks of an export; ok is false when it wants JSON.
func wished(c *gin.Context) (w wish, ok bool) {
	value, _ := c.Get(wishKey)
	w, ok = value.(wish)
	return w, ok
}

// sendFile sends an answer as the file that the request wants; false when it wants JSON.
func (s *server) sendFile(c *gin.Context, answer any) bool {
	w, ok := wished(c)
	if !ok {
		return false
	}
	var e export.Export
	if list, ok := answer.(parted); ok {
		e = export.New(list.first, s.reader(w)).Paged(list.more)
	} else {
		e = export.New(answer, s.reader(w))
	}
	if len(e.Tables()) == 0 {
		newProblem(http.StatusNotAcceptable, fmt.Sprintf("there is no table in this answer that could be written as %s", w.format),
			fault{Parameter: "format", Detail: "not offered here", Allowed: []string{string(formatJSON)}}).send(c)
		return true
	}
	s.sendExport(c, w, e)
	return true
}

// reader is who wants the file.
func (s *server) reader(w wish) export.Reader {
	n := names{s.Handbook, string(w.language)}
	zone := s.zone
	if name := w.question.Get("timezone"); name != "" {
		if asked, err := time.LoadLocation(name); err == nil {
			zone = asked
		}
	}
	return export.Reader{
		Words: s.messages.In(w.language), Asked: w.question, Zone: zone, Name: n.of,
		Period: fiscal{zone: zone, first: s.fiscal.first}.label,
	}
}

// sendExport writes the file. What goes wrong before the first byte is answered
// with a problem; later the connection is cut, since a file that ends early must
// not look whole.
func (s *server) sendExport(c *gin.Context, w wish, e export.Export) {
	if w.part != "" {
		one, known := e.Only(w.part)
		if !known {
			newProblem(http.StatusBadRequest, "the export cannot be understood; see errors",
				fault{Parameter: "part", Detail: fmt.Sprintf("there is no table %q", clip(w.part)), Allowed: e.Tables()}).send(c)
			return
		}
		e = one
	}
	out := newDownload(w.patient, c.Writer, func(h http.Header) {
		h.Set("Content-Type", w.format.contentType())
		h.Set("Content-Disposition", export.Disposition(e.File(string(w.format))))
		h.Set("Cache-Control", "no-cache")
	})
	write := e.WriteCSV
	if w.format == formatXLSX {
		write = e.WriteXLSX
	}
	err := write(w.patient, out)
	if err == nil {
		err = out.finish()
	}
	if err == nil {
		return
	}
	if !out.begun {
		s.apiError(c, fmt.Errorf("export %s: %w", w.format, err))
		return
	}
	s.status(c, fmt.Errorf("export %s: %w", w.format, err))
	out.cut()
}
