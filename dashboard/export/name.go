package export

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
)

// File is the name under which an export is saved, in the reader's language and
// for old programs in ASCII: metric and period.
func (e Export) File(ending string) (name, plain string) {
	subject := cmp.Or(e.fact("metric"), "export")
	if part := e.part(); part != "" {
		subject += " " + part
	}
	period := e.period()
	plain = strings.ReplaceAll(strings.TrimSpace(subject+" "+period), " ", "_")
	title := e.title()
	if part := e.part(); part != "" {
		title += " " + partName(e.words, part)
	}
	return strings.TrimSpace(title+" "+period) + "." + ending, plain + "." + ending
}

// part is the name of the table that the file has, where it is not simply the
// metric's: chosen by the reader, or such as the cases behind a figure.
func (e Export) part() string {
	if len(e.sheets) == 0 {
		return ""
	}
	if name := e.sheets[0].name; e.chosen || (name != "series" && name != "rows" && e.title() != partName(e.words, name)) {
		return name
	}
	return ""
}

// title is what the answer is about.
func (e Export) title() string {
	metric := e.fact("metric")
	for _, key := range []string{"metric." + metric + ".name", "export.title." + metric} {
		if e.words.Has(key) {
			return e.words.T(key)
		}
	}
	if metric == "" {
		return e.words.T("export.title.export")
	}
	return metric
}

// period is what the answer covers, as the reader calls it.
func (e Export) period() string {
	from, to := e.instant("from"), e.instant("to")
	if from.IsZero() || to.IsZero() {
		return ""
	}
	return e.reader.Period(from, to)
}

// Disposition is the header that makes a browser save an answer under its name
// (RFC 6266; the name in UTF-8 by RFC 8187, which took the place of RFC 5987).
func Disposition(name, plain string) string {
	return fmt.Sprintf(`attachment; filename="%s"; filename*=UTF-8''%s`, ascii(plain), escaped(fileName(name)))
}

// escaped is url.PathEscape without the characters that RFC 8187 does not take bare.
func escaped(name string) string {
	return strings.NewReplacer("@", "%40", ":", "%3A", "=", "%3D", "'", "%27", "(", "%28", ")", "%29", "*", "%2A", ",", "%2C", ";", "%3B").
		Replace(url.PathEscape(name))
}

// fileName keeps what no file system refuses.
func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, name)
}

func ascii(name string) string {
	return strings.Map(func(r rune) rune {
		if r > '~' {
			return '_'
		}
		return r
	}, fileName(name))
}
