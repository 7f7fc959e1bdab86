package handbook

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Duration is how long a limit is. Days are written d: on the working clock a
// day is a working day, on the others 24 hours.
type Duration time.Duration

const (
	oneDay   = 24 * time.Hour
	mostDays = 3660
)

var (
	durationText  = regexp.MustCompile(`^(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,5})m)?$`)
	durationUnits = []time.Duration{oneDay, time.Hour, time.Minute}
)

// ParseDuration reads 24h, 30m, 2d or 1d4h.
func ParseDuration(text string) (Duration, error) {
	var d time.Duration
	if parts := durationText.FindStringSubmatch(text); parts != nil {
		for i, unit := range durationUnits {
			n, _ := strconv.Atoi(parts[i+1]) // few digits, or none
			d += time.Duration(n) * unit
		}
	}
	if d <= 0 || d > mostDays*oneDay {
		return 0, fmt.Errorf("%q is no length of time; write 30m, 24h, 2d or 1d4h", text)
	}
	return Duration(d), nil
}

// UnmarshalYAML reads 24h, 30m, 2d or 1d4h.
func (d *Duration) UnmarshalYAML(n *yaml.Node) error {
	parsed, err := ParseDuration(n.Value)
	if err != nil {
		return wrong(n, "%w", err)
	}
	*d = parsed
	return nil
}

// String writes the duration in days, hours and minutes: 1d4h.
func (d Duration) String() string {
	rest := time.Duration(d)
	var b strings.Builder
	for i, unit := range durationUnits {
		if n := rest / unit; n > 0 {
			_, _ = fmt.Fprintf(&b, "%d%c", n, "dhm"[i])
			rest -= n * unit
		}
	}
	return b.String()
}
