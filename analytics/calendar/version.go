package calendar

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// Version names the calendar by what it decides: two calendars that differ in
// the hours of any day, in the zone or in the length of a working day differ in
// version, and a calendar built anew from the same rules has the same. Eight
// hexadecimal digits.
func (c *Calendar) Version() string { return c.version }

func (c *Calendar) fingerprint() string {
	h := sha256.New()
	_, _ = fmt.Fprintln(h, c.zone, c.perDay, c.kinds, firstDay) // a hash never fails
	_, _ = h.Write(c.kindOf)
	return hex.EncodeToString(h.Sum(nil)[:4])
}

// Provisional lists the years, in order, that have a day in the period from
// (included) to (excluded) and whose holidays nobody has announced (暂定): in
// them a figure on the working clock is a forecast. Years before the first
// notice known, 2002, count too.
func (c *Calendar) Provisional(from, to time.Time) []int {
	if !from.Before(to) {
		return nil
	}
	var years []int
	last := c.DateAt(to.Add(-1)).Year()
	for year := c.DateAt(from).Year(); year <= last; year++ {
		if !c.layers.fileYears[year] && !c.layers.known.years[year] {
			years = append(years, year)
		}
	}
	return years
}
