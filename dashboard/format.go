package dashboard

import (
	"math"
	"strconv"
	"strings"
)

// minus is the sign for negative numbers in text; a hyphen is too short beside tabular figures.
const minus = "−"

// number writes v with a fixed number of decimals and commas between thousands.
// What rounds to zero has no sign.
func number(v float64, decimals int) string {
	text := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	whole, rest, _ := strings.Cut(text, ".")
	var b strings.Builder
	if v < 0 && strings.Trim(text, "0.") != "" {
		b.WriteString(minus)
	}
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	if rest != "" {
		b.WriteByte('.')
		b.WriteString(rest)
	}
	return b.String()
}

// signed is number with a plus where v rounds to more than zero.
func signed(v float64, decimals int) string {
	text := number(v, decimals)
	if v > 0 && rounded(v, decimals) != 0 {
		return "+" + text
	}
	return text
}

// following is a unit as it stands behind a number: a per cent sign touches it,
// everything else keeps a space.
func following(unit string) string {
	if unit == "%" {
		return unit
	}
	return " " + unit
}

// count writes a whole number.
func count(n uint64) string { return number(float64(n), 0) }

func rounded(v float64, decimals int) float64 {
	p := math.Pow10(decimals)
	return math.Round(v*p) / p
}
