package dashboard

import (
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"
)

// problem is an error as RFC 9457 says it to programs.
type problem struct {
	Type   string  `json:"type"`
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Detail string  `json:"detail"`
	Errors []fault `json:"errors,omitempty"`
}

// fault is one thing that is wrong with a request, and what would be right.
type fault struct {
	Parameter string   `json:"parameter"`
	Detail    string   `json:"detail"`
	Allowed   []string `json:"allowed,omitempty"`
}

func newProblem(status int, detail string, faults ...fault) problem {
	return problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail, Errors: faults}
}

func (p problem) send(c *gin.Context) {
	body, err := json.Marshal(p)
	if err != nil {
		c.Status(http.StatusInternalServerError)
		return
	}
	c.Data(p.Status, "application/problem+json", append(body, '\n'))
}
