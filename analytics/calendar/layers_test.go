package calendar_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/analytics/calendar"
)

// What is in lunar-go's table and would mislead who takes it as it stands.
func TestTrapsOfTheTable(t *testing.T) {
	c := shanghai(t)
	f := func(day string, worked bool, zh string, source calendar.Source) {
		t.Helper()
		got := c.Day(local(t, day+" 23:59:59"))
		if got.Workday != worked || got.Name.ZH != zh || got.Source != source || got.Date.String() != day {
			t.Errorf("%s is %+v", day, got)
		}
	}
	f("2026-09-20", true, "国庆节调休上班", calendar.SourceNotice)  // listed as National Day
	f("2025-01-01", false, "元旦", calendar.SourceNotice)      // listed as 元旦节
	f("2020-10-01", false, "国庆节、中秋节", calendar.SourceNotice) // listed as 国庆中秋
	f("2027-01-01", false, "元旦", calendar.SourceProvisional) // not listed at all
	f("2027-01-04", true, "", calendar.SourceProvisional)
	f("2026-10-09", true, "", calendar.SourceNotice)
	f("2026-10-11", false, "", calendar.SourceNotice)
	f("2001-12-29", true, "元旦调休上班", calendar.SourceNotice) // of the notice for 2002
	f("2001-10-01", true, "", calendar.SourceProvisional)  // so 2001 is not known by having a day
	f("1948-01-26", true, "", calendar.SourceProvisional)  // no holidays are made up for the past
}

// The 13 days of 2027 that are free by law, from lunar-go's festivals.
func TestProvisionalDays(t *testing.T) {
	c := shanghai(t)
	var got []string
	for d := calendar.DateOf(2027, time.January, 1); d.Year() == 2027; d++ {
		if name := c.On(d).Name.ZH; name != "" {
			got = append(got, d.String()[5:]+" "+name)
		}
	}
	same(t, "days of 2027", strings.Split("01-01 元旦,02-05 春节,02-06 春节,02-07 春节,02-08 春节,04-05 清明节,05-01 劳动节,05-02 劳动节,"+
		"06-09 端午节,09-15 中秋节,10-01 国庆节,10-02 国庆节,10-03 国庆节", ","), got)
	f := func(from, to string, want ...int) {
		t.Helper()
		same(t, from+" to "+to, want, c.Provisional(local(t, from+" 00:00:00"), local(t, to+" 00:00:00")))
	}
	f("2026-01-01", "2027-01-01")
	f("2026-12-31", "2027-01-02", 2027)
	f("2000-06-01", "2003-01-01", 2000, 2001)
	f("2027-06-01", "2029-01-01", 2027, 2028)
	f("2027-06-01", "2027-06-01")
	f("2028-06-01", "2027-06-01")
}

const year2027 = `{
  "$schema": "https://raw.githubusercontent.com/NateScarlet/holiday-cn/master/schema.json",
  "$id": "https://raw.githubusercontent.com/NateScarlet/holiday-cn/master/2027.json",
  "year": 2027,
  "papers": ["https://www.gov.cn/zhengce/a-notice-of-2026.htm"],
  "days": [
    {"name": "元旦", "date": "2026-12-31", "isOffDay": true},
    {"name": "元旦", "date": "2027-01-01", "isOffDay": true},
    {"name": "国庆节", "date": "2027-09-26", "isOffDay": false},
    {"name": "国庆节", "date": "2027-10-01", "isOffDay": true}
  ]
}`

// The first layer that knows a day decides.
func TestLayers(t *testing.T) {
	file, err := calendar.ParseYearFile([]byte(year2027))
	if err != nil {
		t.Fatal(err)
	}
	c, err := calendar.Build(calendar.Rules{
		Zone: chinaTime(t), Hours: []calendar.HoursFrom{{Slots: officeHours}}, Years: []calendar.YearFile{*file},
		Days: []calendar.Override{
			{From: date(t, "2027-10-01"), To: date(t, "2027-10-02"), Work: true, Slots: []calendar.Slot{{From: 9 * 3600, To: 12 * 3600}}, Name: calendar.Name{EN: "Stocktaking"}},
			{From: date(t, "2026-09-20"), To: date(t, "2026-09-21"), Name: calendar.Name{EN: "Moving house"}},
			{From: date(t, "2026-09-21"), To: date(t, "2026-09-21"), Work: true, Name: calendar.Name{EN: "After all"}},
		},
		Saturdays: []calendar.Saturdays{{From: date(t, "2026-09-12"), To: date(t, "2026-10-24"), Name: calendar.Name{EN: "Alternate Saturdays"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	f := func(day string, hours float64, name string, source calendar.Source) {
		t.Helper()
		got := c.On(date(t, day))
		if float64(calendar.Length(got.Hours))/3600 != hours || got.Workday != (hours > 0) || got.Name.EN != name || got.Source != source {
			t.Errorf("%s is %+v", day, got)
		}
	}
	f("2027-10-01", 3, "Stocktaking", calendar.SourceCompany)
	f("2027-10-02", 3, "Stocktaking", calendar.SourceCompany)
	f("2026-09-20", 0, "Moving house", calendar.SourceCompany)
	f("2026-09-21", 8, "After all", calendar.SourceCompany) // the later of two
	f("2026-09-12", 8, "Alternate Saturdays", calendar.SourceCompany)
	f("2026-09-19", 0, "", calendar.SourceNotice)
	f("2026-09-26", 0, "Mid-Autumn Festival", calendar.SourceNotice)
	f("2026-10-10", 8, "Make-up day for National Day", calendar.SourceNotice) // worked anyway
	f("2026-10-24", 8, "Alternate Saturdays", calendar.SourceCompany)
	f("2026-11-07", 0, "", calendar.SourceNotice)
	f("2026-12-31", 0, "New Year's Day", calendar.SourceYearFile) // a December day in the next year's file
	f("2027-09-26", 8, "Make-up day for National Day", calendar.SourceYearFile)
	f("2027-02-06", 0, "", calendar.SourceYearFile) // Saturday; the file decides, no festival is computed
	f("2027-06-09", 8, "", calendar.SourceYearFile)
	f("2028-05-01", 0, "Labour Day", calendar.SourceProvisional)
	same(t, "provisional years", []int{2028}, c.Provisional(local(t, "2026-01-01 00:00:00"), local(t, "2029-01-01 00:00:00")))
	if !c.Workday(local(t, "2027-10-01 20:00:00")) || c.Between(local(t, "2027-10-01 00:00:00"), local(t, "2027-10-02 10:00:00")) != 4*time.Hour {
		t.Error("own hours do not count")
	}
}

func TestParseYearFileRefuses(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		_, err := calendar.ParseYearFile([]byte(text))
		if err == nil {
			t.Errorf("%.40q was taken", text)
			return
		}
		same(t, text, want, strings.Split(err.Error(), "\n"))
	}
	const tail = `], "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": true}]}`
	f("[]", "it is no holiday file: json: cannot unmarshal array into Go value of type calendar.holidays; take one of the holiday-cn project as a pattern")
	f(`{"year": 2027, "papers": [`+tail, "papers is empty; name the notice that announced the days, so that a guess is no fact")
	f(`{"year": 2027, "papers": [""`+tail, "papers is empty; name the notice that announced the days, so that a guess is no fact")
	f(`{"papers": ["x"`+tail, "year 0 is not from 1900 to 2100; write the year of the notice", "day 1: 2027-01-01 is not in 0, nor in the December before or the January after")
	f(`{"year": 2027, "papers": ["x"], "days": []}`, "days is empty; list the free days and the make-up workdays")
	f(`{"year": 2027, "papers": ["x"], "days": [
		{"name": "a", "date": "2027-13-01", "isOffDay": true}, {"name": "a", "date": "2026-11-30", "isOffDay": true}, {"name": "a", "date": "2028-02-01", "isOffDay": true},
		{"name": "a", "date": "2028-01-01", "isOffDay": true}, {"name": "a", "date": "2028-01-01", "isOffDay": false}, {"name": "a", "date": "2027-05-01"}, {"date": "2027-05-02", "isOffDay": true}]}`,
		`day 1: "2027-13-01" is no date; write year, month and day such as 2026-10-01`,
		"day 2: 2026-11-30 is not in 2027, nor in the December before or the January after",
		"day 3: 2028-02-01 is not in 2027, nor in the December before or the January after",
		"day 5: 2028-01-01 is there since day 4; keep one of the two",
		"day 6: isOffDay of 2027-05-01 is missing; write true for a free day, false for a make-up workday",
		"day 7: name of 2027-05-02 is missing; write the holiday's name")
}

// The version names what the calendar decides: the same rules give the same,
// and whatever changes a figure changes it.
func TestVersion(t *testing.T) {
	build := func(change func(*calendar.Rules)) string {
		t.Helper()
		rules := calendar.Rules{Zone: chinaTime(t), Hours: []calendar.HoursFrom{{Slots: officeHours}}}
		change(&rules)
		c, err := calendar.Build(rules)
		if err != nil {
			t.Fatal(err)
		}
		return c.Version()
	}
	usual := build(func(*calendar.Rules) {})
	if usual != shanghai(t).Version() || len(usual) != 8 {
		t.Errorf("versions %s and %s", usual, shanghai(t).Version())
	}
	if got := build(func(r *calendar.Rules) {
		r.Days = []calendar.Override{{From: date(t, "2026-10-01"), To: date(t, "2026-10-01"), Name: calendar.Name{EN: "free anyway"}}}
	}); got != usual {
		t.Error("a name changes no figure, but the version")
	}
	seen := map[string]bool{usual: true}
	for what, change := range map[string]func(*calendar.Rules){
		"zone":  func(r *calendar.Rules) { r.Zone = time.UTC },
		"hours": func(r *calendar.Rules) { r.Hours = []calendar.HoursFrom{{Slots: officeHours[:1]}} },
		"hours to come": func(r *calendar.Rules) {
			r.Hours = append(r.Hours, calendar.HoursFrom{From: date(t, "2030-01-01"), Slots: officeHours[:1]})
		},
		"standard": func(r *calendar.Rules) { r.Standard = officeHours[1:] },
		"a day": func(r *calendar.Rules) {
			r.Days = []calendar.Override{{From: date(t, "2026-10-09"), To: date(t, "2026-10-09")}}
		},
		"Saturdays": func(r *calendar.Rules) {
			r.Saturdays = []calendar.Saturdays{{From: date(t, "2026-10-17"), To: date(t, "2026-10-17")}}
		},
	} {
		if got := build(change); seen[got] {
			t.Errorf("a change of %s leaves the version", what)
		} else {
			seen[got] = true
		}
	}
}

// What was handed in is not looked at again: a calendar never changes.
func TestCalendarKeepsItsOwn(t *testing.T) {
	slots := []calendar.Slot{{From: 0, To: 3600}}
	rules := calendar.Rules{
		Zone: time.UTC, Hours: []calendar.HoursFrom{{Slots: slots}}, Standard: slots,
		Saturdays: []calendar.Saturdays{{From: date(t, "2026-11-07"), To: date(t, "2026-11-07")}},
	}
	c, err := calendar.Build(rules)
	if err != nil {
		t.Fatal(err)
	}
	slots[0].To, rules.Saturdays[0].From, rules.Hours[0].Slots = 7200, 0, nil
	if got := c.On(date(t, "2026-11-07")); calendar.Length(got.Hours) != 3600 || got.Source != calendar.SourceCompany || c.SecondsPerDay() != 3600 {
		t.Errorf("a working Saturday is %+v", got)
	}
}

func TestYearsSayWhereTheirDaysComeFrom(t *testing.T) {
	holiday, err := calendar.ParseDate("2027-02-08")
	if err != nil {
		t.Fatal(err)
	}
	rules := calendar.Rules{
		Zone: time.UTC, Hours: []calendar.HoursFrom{{Slots: []calendar.Slot{{From: 8 * 3600, To: 16 * 3600}}}},
		Days:  []calendar.Override{{From: calendar.DateOf(2026, time.August, 3), To: calendar.DateOf(2026, time.August, 5)}},
		Years: []calendar.YearFile{{Year: 2027, Papers: []string{"notice 1"}, Days: []calendar.YearDay{{Date: holiday, Name: "春节", Off: true}}}},
	}
	c, err := calendar.Build(rules)
	if err != nil {
		t.Fatal(err)
	}
	want := []calendar.Year{
		{Year: 2025, Source: calendar.SourceNotice, Workdays: 248},
		{Year: 2026, Source: calendar.SourceNotice, Workdays: 248 - 3, Company: 3},
		{Year: 2027, Source: calendar.SourceYearFile, Papers: []string{"notice 1"}, Workdays: 261 - 1},
	}
	if d := cmp.Diff(want, c.Years(2025, 2027)); d != "" {
		t.Errorf("years (-want +got):\n%s", d)
	}
	if got := c.Years(2099, 2200); len(got) != 2 || got[0].Source != calendar.SourceProvisional {
		t.Errorf("years after the last notice: %+v", got)
	}
}
