package form

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/dashboard/i18n"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets/*
var assetFiles embed.FS

// site is what was built into the program for the form.
type site struct {
	messages  i18n.Catalogue
	templates *template.Template
	files     map[string]file
	style     template.CSS // form.css, in every page: a phone on a slow network has not to ask twice before it paints
	policy    string       // of the pages
}

type file struct {
	content   []byte
	mediaType string
	hash      string
}

var loadSite = sync.OnceValues(func() (*site, error) {
	s := &site{files: make(map[string]file)}
	var err error
	if s.messages, err = i18n.Load(); err != nil {
		return nil, err
	}
	if s.templates, err = template.ParseFS(templateFiles, "templates/*.html"); err != nil {
		return nil, fmt.Errorf("parse templates: %w", err)
	}
	for name, mediaType := range map[string]string{"form.css": "text/css; charset=utf-8", "form.js": "text/javascript; charset=utf-8"} {
		content, err := assetFiles.ReadFile("assets/" + name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		sum := sha256.Sum256(content)
		s.files[name] = file{content, mediaType, hex.EncodeToString(sum[:6])}
	}
	style := s.files["form.css"].content
	sum := sha256.Sum256(style)
	s.style = template.CSS(style) //nolint:gosec // our own file
	s.policy = fmt.Sprintf(policy, "sha256-"+base64.StdEncoding.EncodeToString(sum[:]))
	return s, nil
})

// url is where a file is, with the hash of its content.
func (s *site) url(name string) string { return "/survey-form/" + name + "?v=" + s.files[name].hash }

func (s *server) file(c *gin.Context) {
	f, ok := s.files[c.Param("file")]
	if !ok {
		c.String(http.StatusNotFound, "no such file\n")
		return
	}
	if c.Query("v") == f.hash {
		c.Writer.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	c.Data(http.StatusOK, f.mediaType, f.content)
}
