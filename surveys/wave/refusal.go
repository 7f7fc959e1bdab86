package wave

import "fmt"

// Code names why a deed is refused, for who says it in another language.
type Code string

// The codes.
const (
	WrongState       Code = "state"            // the deed does not fit the wave's state
	BadKey           Code = "key"              // no key for a wave
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
