package questionnaire

import (
	"bytes"
	_ "embed"
	"fmt"
)

//go:embed office_services.json
var officeServices []byte

// Template returns the questionnaire that comes with the product: the five
// services of the office and one open question. The caller may change it.
func Template() (*Questionnaire, error) {
	q, err := Parse(officeServices)
	if err != nil {
		return nil, fmt.Errorf("read the questionnaire that comes with the program: %w", err)
	}
	return q, nil
}

// TemplateText is the template as JSON, for people to begin from.
func TemplateText() []byte { return bytes.Clone(officeServices) }
