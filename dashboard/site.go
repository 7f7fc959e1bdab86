package dashboard

import (
	"html/template"
	"sync"

	"example.com/officepulse/dashboard/i18n"
)

// site is what was built into the program for its pages, whatever they show.
type site struct {
	messages  i18n.Catalogue
	assets    assets
	templates map[string]*template.Template
}

// loadSite reads it once: it never changes while the program runs. An error
// means that the program was built wrongly.
var loadSite = sync.OnceValues(func() (*site, error) {
	var (
		s   site
		err error
	)
	if s.messages, err = i18n.Load(); err != nil {
		return nil, err
	}
	if s.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	if s.templates, err = loadTemplates(); err != nil {
		return nil, err
	}
	return &s, nil
})
