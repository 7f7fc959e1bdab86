package dashboard

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/surveys/qr"
)

// sheetPage is a page to print: the departments' links as QR codes.
func (s *server) sheetPage(c *gin.Context) {
	w, ok := s.waveOf(c)
	if !ok {
		return
	}
	sheet := qr.Sheet{Title: w.Title, Closes: w.Closes.In(s.zone)}
	for _, d := range w.Departments {
		sheet.Links = append(sheet.Links, qr.Link{Department: d.Name, URL: s.Surveys.DepartmentLink(w, d.Key)})
	}
	nonce := rand.Text()
	var b bytes.Buffer
	if err := sheet.Write(&b, nonce); err != nil {
		s.pageError(c, fmt.Errorf("print the links of wave %s: %w", w.Key, err))
		return
	}
	h := c.Writer.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", strings.Replace(policy, "style-src 'self'", "style-src 'nonce-"+nonce+"'", 1))
	c.Data(http.StatusOK, "text/html; charset=utf-8", b.Bytes())
}
