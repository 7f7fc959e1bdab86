package main

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// problem ends a request with an answer of RFC 9457.
func problem(c *gin.Context, status int, detail string) {
	body, err := json.Marshal(map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": detail})
	if err != nil {
		body = nil
	}
	c.Abort()
	c.Data(status, "application/problem+json", body)
}

// tokenOnly lets only those pass who show the token of this server.
func (o *office) tokenOnly(c *gin.Context) {
	token, ok := strings.CutPrefix(c.GetHeader("Authorization"), "Bearer ")
	if !ok || subtle.ConstantTimeCompare([]byte(token), []byte(o.config.Token)) != 1 {
		c.Header("WWW-Authenticate", `Bearer realm="officepulse"`)
		problem(c, http.StatusUnauthorized, `Send the token of this server as "Authorization: Bearer …"; it is OFFICEPULSE_TOKEN or the file "token" in the data directory`)
	}
}
