package dashboard

import (
	"net/url"
	"slices"
	"time"

	"example.com/officepulse/dashboard/i18n"
)

// navigation is an entry of the main navigation.
type navigation struct {
	Name, Href string
	Current    bool
}

// sections are those of the navigation that not every service has.
type sections struct{ surveys, targets, changes, warnings bool }

// navigate lists the pages. Those about the same figures keep the filters, so
// that a question is not to be put together again on each.
func navigate(words i18n.Messages, section string, values url.Values, zone *time.Location, has sections) []navigation {
	f, ok := parseFilters(values, zone)
	if !ok || slices.Contains([]string{"operations", "satisfaction", "surveys", "targets", "changes", "warnings"}, section) {
		f = filters{}
	}
	f.Language = "" // the cookie knows
	shared := f
	shared.Stage, shared.Bucket = "", "" // of Approvals only
	list := []navigation{
		{Name: words.T("nav.overview"), Href: shared.at("/"), Current: section == "overview"},
		{Name: words.T("nav.errors"), Href: shared.at("/errors"), Current: section == "errors"},
		{Name: words.T("nav.approvals"), Href: f.at("/approvals"), Current: section == "approvals"},
		{Name: words.T("nav.satisfaction"), Href: "/satisfaction", Current: section == "satisfaction"},
		{Name: words.T("registers.nav"), Href: registersAt(shared), Current: section == "registers"},
		{Name: words.T("nav.operations"), Href: "/operations", Current: section == "operations"},
		{Name: words.T("nav.definitions"), Href: "/definitions", Current: section == "definitions"},
	}
	at := 4 // behind the figures
	for _, one := range []struct {
		has  bool
		name string
	}{{has.targets, "targets"}, {has.changes, "changes"}} {
		if one.has {
			list = slices.Insert(list, at, navigation{Name: words.T("nav." + one.name), Href: "/" + one.name, Current: section == one.name})
			at++
		}
	}
	if has.warnings {
		list = slices.Insert(list, len(list)-2, navigation{Name: words.T("warnings.nav"), Href: "/warnings", Current: section == "warnings"})
	}
	if has.surveys {
		list = slices.Insert(list, len(list)-2, navigation{Name: words.T("nav.surveys"), Href: "/surveys", Current: section == "surveys"})
	}
	return list
}

// registersAt is the page of registers with those of the filters that it has.
func registersAt(f filters) string {
	f.Process, f.Class, f.Clock, f.Before = "", "", "", ""
	f.BeforeFrom, f.BeforeTo = time.Time{}, time.Time{}
	return f.at("/registers")
}
