package dashboard

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"example.com/officepulse/dashboard/i18n"
)

// languageCookie remembers the choice made with the switch, for a year.
const languageCookie = "officepulse_language"

// language picks what a page is written in: what the URL says, else what was
// chosen before, else what the browser asks for, else Chinese.
func language(c *gin.Context) i18n.Language {
	if l, ok := i18n.Parse(c.Query("lang")); ok {
		http.SetCookie(c.Writer, &http.Cookie{ //nolint:gosec // the pages are also served over plain HTTP on loopback, and the choice is no secret
			Name: languageCookie, Value: string(l), Path: "/", MaxAge: 365 * 24 * 3600,
			HttpOnly: true, SameSite: http.SameSiteLaxMode,
		})
		return l
	}
	if cookie, err := c.Cookie(languageCookie); err == nil {
		if l, ok := i18n.Parse(cookie); ok {
			return l
		}
	}
	return i18n.Accepted(c.GetHeader("Accept-Language"))
}

// switched is the URL of the same page in another language.
func switched(u *url.URL, to i18n.Language) string {
	values := u.Query()
	values.Set("lang", string(to))
	return u.Path + "?" + values.Encode()
}
