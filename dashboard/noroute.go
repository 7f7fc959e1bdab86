package dashboard

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics/handbook"
)

// NoMethod answers a request whose address there is, but not for its method, to
// be mounted with gin's [gin.Engine.NoMethod]; gin has set the header Allow.
func NoMethod(c *gin.Context) {
	allowed := c.Writer.Header().Get("Allow")
	if path := c.Request.URL.Path; strings.HasPrefix(path, "/api/") {
		newProblem(http.StatusMethodNotAllowed, fmt.Sprintf("%s is not for %s; it is for %s", clip(path), clip(c.Request.Method), allowed)).send(c)
		return
	}
	c.String(http.StatusMethodNotAllowed, "this address is for %s only\n", allowed)
}

// NoRoute answers what no route is for, to be mounted with gin's
// [gin.Engine.NoRoute]: under /api/ with a problem (RFC 9457) for programs,
// elsewhere with a page for people, both with status 404.
func NoRoute(c *gin.Context) {
	if path := c.Request.URL.Path; strings.HasPrefix(path, "/api/") {
		newProblem(http.StatusNotFound, fmt.Sprintf("there is nothing at %q; /api/v1/metrics lists the metrics", clip(path))).send(c)
		return
	}
	built, err := loadSite()
	if err != nil {
		c.String(http.StatusNotFound, "there is no such page\n")
		return
	}
	secure(c)
	s := &server{site: built, Dependencies: Dependencies{Handbook: &handbook.Handbook{}, Logger: slog.Default()}}
	s.errorPage(c, http.StatusNotFound)
}
