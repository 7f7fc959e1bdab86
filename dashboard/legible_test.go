package dashboard

import (
	"net/http"
	"testing"
)

// What cannot be read is refused, on pages and by the API, instead of being
// left out of the question.
func TestIllegibleQuery(t *testing.T) {
	router := testRouter(t, fake{quarters: 8})
	f := func(query, parameter string, texts ...string) {
		t.Helper()
		w := get(t, router, "/api/v1/metrics/throughput?"+query)
		var p problem
		decode(t, w.Body.Bytes(), &p)
		if w.Code != http.StatusBadRequest || w.Header().Get("Content-Type") != "application/problem+json" ||
			len(p.Errors) != 1 || p.Errors[0].Parameter != parameter {
			t.Errorf("%s: the API says %d %s", query, w.Code, w.Body)
		}
		for _, page := range []string{"/?", "/definitions?"} {
			w = get(t, router, page+query, "Accept-Language", "en")
			if w.Code != http.StatusBadRequest {
				t.Errorf("%s%s: got %d", page, query, w.Code)
			}
			contains(t, w.Body.String(), append(texts, "The filters in the address cannot be understood", "“"+parameter+"”")...)
		}
	}
	f("process=100%", "process", "%25")
	f("process=%zz&clock=working", "process", "%25")
	f("process=dup;department=x", "process", "%3B")
	f("quarter=2026Q3&%5x=1", "%5x", "%25")
}
