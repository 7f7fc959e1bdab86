package handbook

import "fmt"

// version checks what every document says for itself, and that it fits to the
// versions before.
func (c *checker) version(hb *Handbook, before *History) {
	c.text(hb.Version, "version")
	if len(before.versions) == 0 {
		return
	}
	previous := before.Latest()
	switch {
	case !c.has("from"):
		c.add("from is missing; write the first day on which this version holds, such as from: 2026-04-01", "from")
	case hb.From <= previous.From:
		c.add(fmt.Sprintf("from %s is not after %s, when version %q begins; write a later day and the versions in order", hb.From, previous.From, previous.Version), "from")
	}
	for _, v := range before.versions {
		if v.Version == hb.Version && hb.Version != "" {
			c.add(fmt.Sprintf("version %q is there already; give this one another name", hb.Version), "version")
		}
	}
	// All figures of one page are in one zone and one fiscal year, old cases' too.
	if hb.Timezone != previous.Timezone {
		c.add("timezone differs from the version before; write the same, or leave it out", "timezone")
	}
	if hb.FiscalYearStart != previous.FiscalYearStart {
		c.add("fiscal_year_start differs from the version before; write the same, or leave it out", "fiscal_year_start")
	}
}
