package dashboard

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/gin-gonic/gin"
)

//go:embed assets
var embedded embed.FS

// vendored are the third-party files that "make assets" copies from npm
// packages into assets/vendor before the program is built.
var vendored = []string{"vendor/echarts.min.js", "vendor/htmx.min.js", "vendor/tabler.min.css"}

// Missing lists the third-party front-end files that were not there when the
// program was built. Without them the pages show their figures and tables, but
// plain and without charts; the remedy is "make assets" and a new build.
func Missing() []string {
	var missing []string
	for _, name := range vendored {
		if _, err := fs.Stat(embedded, "assets/"+name); err != nil {
			missing = append(missing, "dashboard/assets/"+name)
		}
	}
	return missing
}

// asset is a static file, ready to be sent.
type asset struct {
	content    []byte
	compressed []byte // gzip; nil when that gains nothing
	mime       string
	hash       string // of content; part of the URL, so that it may be cached for good
}

type assets map[string]asset

// loadAssets hashes and compresses every embedded file once.
func loadAssets() (assets, error) {
	root, err := fs.Sub(embedded, "assets")
	if err != nil {
		return nil, fmt.Errorf("open assets: %w", err)
	}
	all := assets{}
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) == ".md" {
			return err
		}
		content, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		all[name], err = newAsset(name, content)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read assets: %w", err)
	}
	return all, nil
}

func newAsset(name string, content []byte) (asset, error) {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return asset{}, fmt.Errorf("compress %s: %w", name, err)
	}
	if _, err := w.Write(content); err != nil {
		return asset{}, fmt.Errorf("compress %s: %w", name, err)
	}
	if err := w.Close(); err != nil {
		return asset{}, fmt.Errorf("compress %s: %w", name, err)
	}
	sum := sha256.Sum256(content)
	a := asset{content: content, mime: mime.TypeByExtension(path.Ext(name)), hash: hex.EncodeToString(sum[:8])}
	if packed.Len() < len(content) {
		a.compressed = packed.Bytes()
	}
	return a, nil
}

// url is the address of a file, with the hash of its content; "" when it is not there.
func (all assets) url(name string) string {
	a, ok := all[name]
	if !ok {
		return ""
	}
	return "/static/" + name + "?v=" + a.hash
}

func (all assets) serve(c *gin.Context) {
	a, ok := all[strings.TrimPrefix(c.Param("file"), "/")]
	if !ok {
		c.String(http.StatusNotFound, "no such file\n")
		return
	}
	h := c.Writer.Header()
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if c.Query("v") == a.hash {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	content, tag := a.content, `"`+a.hash+`"`
	if a.compressed != nil && acceptsGzip(c.GetHeader("Accept-Encoding")) {
		content, tag = a.compressed, `"`+a.hash+`-gzip"`
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", tag)
	if strings.Contains(c.GetHeader("If-None-Match"), tag) {
		h.Del("Content-Encoding")
		c.Status(http.StatusNotModified)
		return
	}
	c.Data(http.StatusOK, a.mime, content)
}

func acceptsGzip(header string) bool {
	for coding := range strings.SplitSeq(header, ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(coding), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q := strings.ReplaceAll(quality, " ", "")
			return q != "q=0" && !strings.HasPrefix(q, "q=0.000") && q != "q=0.0" && q != "q=0.00"
		}
	}
	return false
}
