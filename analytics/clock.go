package analytics

import _ "embed"

var (
	//go:embed clock_elapsed.sql
	clockElapsed string
	//go:embed clock_office.sql
	clockOffice string
	//go:embed clock_working.sql
	clockWorking string
)

// clocks say what "reading" means in a statement: what a clock shows at an
// instant, in milliseconds. Time between two instants is the difference of two
// readings, so times on either clock add up.
var clocks = map[Clock]string{
	ClockElapsed: clockElapsed,
	ClockWorking: clockOffice + ",\n" + clockWorking,
}
