package wave

import (
	"errors"
	"fmt"
)

// ErrOvertaken is matched by errors that say that somebody else was faster: what
// was changed is not the newest any more.
var ErrOvertaken = errors.New("somebody else has changed this meanwhile; look at it as it is now, and do it again if it is still needed")

// ErrAway is matched by errors that say that the database did not answer, so
// that the outcome is unknown; doing the same again is safe.
var ErrAway = errors.New("the database does not answer at the moment; try again in a minute")

// Code names why a deed is refused, for who says it in another language.
type Code string

// The codes.
const (
	WrongState       Code = "state"            // the deed does not fit the wave's state
	BadKey           Code = "key"              // no key for a wave
	BadQuarter       Code = "quarter"          // none is named
	NoTitle          Code = "title"            // the title is missing in a language
	NoQuestionnaire  Code = "questionnaire"    // none is named, or an unknown one
	NoDepartments    Code = "departments"      // nobody is asked
	TwiceAsked       Code = "twice"            // a department stands there twice
	UnknownPlace     Code = "unknown"          // a department that the handbook does not know
	BadExpected      Code = "expected"         // fewer than one, or more than the department has
	BadTimes         Code = "times"            // it closes before it opens, or both are missing
	PastClosing      Code = "past"             // it would close at once
	NoReason         Code = "reason"           // nobody can tell later why it was done
	NoAuthor         Code = "author"           // nor who did it
	BadReminders     Code = "reminders"        // days that are none, or too many messages
	NoOutcome        Code = "outcome"          // those who answered have to be told what comes of it
	Taken            Code = "taken"            // there is a wave of this key already
	TooLong          Code = "too_long"         // a text is too long
	QuestionnaireGap Code = "no_questionnaire" // the questionnaire cannot be found
)

// RefusedError says why a deed is refused and what to do instead.
type RefusedError struct {
	Code Code
	// Subject is what it is about: a department, a state, a field; may be empty.
	Subject string
	Text    string
}

// Error is the reason with the remedy.
func (e *RefusedError) Error() string { return e.Text }

func refuse(code Code, subject, format string, values ...any) error {
	return &RefusedError{Code: code, Subject: subject, Text: fmt.Sprintf(format, values...)}
}

// Refusals are all refusals in an error, in order; none when it is another error.
func Refusals(err error) []*RefusedError {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*RefusedError
		for _, one := range joined.Unwrap() {
			all = append(all, Refusals(one)...)
		}
		return all
	}
	if refused, ok := errors.AsType[*RefusedError](err); ok {
		return []*RefusedError{refused}
	}
	return nil
}
