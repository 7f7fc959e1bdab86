package dashboard

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"testing"
)

func TestStatic(t *testing.T) {
	all, err := loadAssets()
	if err != nil {
		t.Fatal(err)
	}
	router := testRouter(t, fake{})
	address := all.url("app.css")

	packed := get(t, router, address, "Accept-Encoding", "br, gzip;q=0.8")
	if packed.Header().Get("Content-Encoding") != "gzip" || packed.Header().Get("Content-Type") != "text/css; charset=utf-8" {
		t.Fatalf("got %v", packed.Header())
	}
	if got := packed.Header().Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
		t.Errorf("with its hash it is cached as %q", got)
	}
	r, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	bare := get(t, router, "/static/app.css", "Accept-Encoding", "gzip;q=0")
	if !bytes.Equal(unpacked, bare.Body.Bytes()) || bare.Header().Get("Content-Encoding") != "" {
		t.Error("packed and bare file differ")
	}
	if got := bare.Header().Get("Cache-Control"); got != "no-cache" {
		t.Errorf("without its hash it is cached as %q", got)
	}
	again := get(t, router, address, "If-None-Match", bare.Header().Get("ETag"))
	if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("unchanged file: got %d with %d bytes", again.Code, again.Body.Len())
	}
	for _, target := range []string{"/static/", "/static/nothing.js", "/static/../server.go", "/static/vendor/README.md"} {
		if w := get(t, router, target); w.Code != http.StatusNotFound {
			t.Errorf("%s: got %d", target, w.Code)
		}
	}
}
