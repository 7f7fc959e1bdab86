package dashboard

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/analytics/handbook"
)

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
