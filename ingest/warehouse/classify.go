package warehouse

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"

	"example.com/officepulse/ingest/delivery"
	"example.com/officepulse/ingest/event"
)

// What ClickHouse's error codes mean for a block that was not stored: some
// blame a row, some wait for a person, and all others are tried again. Names
// as in the server's ErrorCodes.cpp.
var (
	// A type mismatch is not among them: it blames the tables, and taking it for
	// the rows' fault would put everything aside.
	poison = []int32{
		6,   // CANNOT_PARSE_TEXT
		27,  // CANNOT_PARSE_INPUT_ASSERTION_FAILED
		38,  // CANNOT_PARSE_DATE
		41,  // CANNOT_PARSE_DATETIME
		69,  // ARGUMENT_OUT_OF_BOUND
		117, // INCORRECT_DATA
		131, // TOO_LARGE_STRING_SIZE
		321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
		349, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
		469, // VIOLATED_CONSTRAINT
		691, // UNKNOWN_ELEMENT_OF_ENUM
	}
	blocked = []int32{
		10,  // NOT_FOUND_COLUMN_IN_BLOCK
		16,  // NO_SUCH_COLUMN_IN_TABLE
		36,  // BAD_ARGUMENTS
		47,  // UNKNOWN_IDENTIFIER
		53,  // TYPE_MISMATCH
		60,  // UNKNOWN_TABLE
		62,  // SYNTAX_ERROR
		70,  // CANNOT_CONVERT_TYPE
		81,  // UNKNOWN_DATABASE
		115, // UNKNOWN_SETTING
		164, // READONLY
		192, // UNKNOWN_USER
		193, // WRONG_PASSWORD
		194, // REQUIRED_PASSWORD
		195, // IP_ADDRESS_NOT_ALLOWED
		243, // NOT_ENOUGH_SPACE
		291, // DATABASE_ACCESS_DENIED
		452, // SETTING_CONSTRAINT_VIOLATION
		497, // ACCESS_DENIED
		516, // AUTHENTICATION_FAILED
	}
	// What an operating system answers on a full disk comes wrapped in one of these.
	diskCodes = []int32{74, 75, 76, 88, 209, 210, 424, 425, 1001} // CANNOT_READ/WRITE_…, CANNOT_OPEN_FILE, SYSTEM_ERROR, STD_EXCEPTION
)

// classify says what an error of the server means: [event.ErrInvalid],
// [delivery.ErrBlocked], or neither.
func classify(err error) error {
	e, ok := errors.AsType[*clickhouse.Exception](err)
	switch {
	case !ok:
		return err
	case slices.Contains(poison, e.Code):
		return fmt.Errorf("%w: %w", event.ErrInvalid, err)
	case slices.Contains(blocked, e.Code), slices.Contains(diskCodes, e.Code) && diskFull(e.Message):
		return fmt.Errorf("%w: %w", delivery.ErrBlocked, err)
	}
	return err
}

// diskFull reports whether a message tells of a disk without room.
func diskFull(message string) bool {
	return strings.Contains(message, "No space left on device") || strings.Contains(message, "errno: 28")
}
