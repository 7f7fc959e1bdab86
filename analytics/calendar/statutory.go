package calendar

import (
	"sync"
	"time"

	"github.com/6tail/lunar-go/HolidayUtil"
	lunar "github.com/6tail/lunar-go/calendar"
)

// statutory is what lunar-go knows about the state's holidays.
type statutory struct {
	days        map[Date]listed // named in a notice: free days and make-up workdays
	years       map[int]bool    // covered by a notice
	provisional map[Date]listed // computed for the years after the last notice
}

// statutoryDays reads lunar-go once: each of its answers is a search in a long
// string, and its tables are package variables that anyone may replace.
var statutoryDays = sync.OnceValue(func() *statutory {
	s := &statutory{days: make(map[Date]listed), years: make(map[int]bool), provisional: make(map[Date]listed)}
	last := 0
	for year := firstNotice; year <= lastDay.Year(); year++ {
		s.read(year)
		// A December day may belong to the next year's notice, so a year is known
		// only once its National Day is.
		if HolidayUtil.GetHolidayByYmd(year, 10, 1) != nil {
			s.years[year] = true
			last = year
		}
	}
	for year := last + 1; year <= lastDay.Year(); year++ {
		s.compute(year)
	}
	return s
})

// firstNotice is the first year of which lunar-go lists a day.
const firstNotice = 2001

func (s *statutory) read(year int) {
	for l := HolidayUtil.GetHolidaysByYear(year); l.Len() > 0; l.Remove(l.Front()) {
		h, ok := l.Front().Value.(*HolidayUtil.Holiday)
		if !ok {
			continue
		}
		if d, err := ParseDate(h.GetDay()); err == nil {
			s.days[d] = listed{work: h.IsWork(), name: holidayName(h.GetName(), h.IsWork())}
		}
	}
}

// compute adds the 13 days that are free by law since 2025 (《全国年节及纪念日放假办法》,
// 2024-11-10). Which days around them are free or worked is only in the notice.
func (s *statutory) compute(year int) {
	free := func(first Date, days int, name string) {
		for i := range days {
			s.provisional[first+Date(i)] = listed{name: holidayName(name, false)}
		}
	}
	free(DateOf(year, time.January, 1), 1, "元旦")
	free(lunarDate(year, 1, 1)-1, 4, "春节") // from New Year's Eve to the third day
	free(clearAndBright(year), 1, "清明节")
	free(DateOf(year, time.May, 1), 2, "劳动节")
	free(lunarDate(year, 5, 5), 1, "端午节")
	free(lunarDate(year, 8, 15), 1, "中秋节")
	free(DateOf(year, time.October, 1), 3, "国庆节")
}

func lunarDate(year, month, dayOfMonth int) Date {
	return solarDate(lunar.NewLunarFromYmd(year, month, dayOfMonth).GetSolar())
}

// clearAndBright is the day on which the sun's longitude reaches 15°, 4 to 6 April.
func clearAndBright(year int) Date {
	return solarDate(lunar.NewSolarFromYmd(year, 4, 1).GetLunar().GetJieQiTable()["清明"])
}

func solarDate(s *lunar.Solar) Date {
	return DateOf(s.GetYear(), time.Month(s.GetMonth()), s.GetDay())
}

// holidayName puts a name from a table into both languages. A make-up workday
// is listed under the holiday that it makes up for; to call it by that name
// would show a working day as a holiday.
func holidayName(zh string, work bool) Name {
	if official, ok := officialNames[zh]; ok {
		zh = official
	}
	en, ok := englishNames[zh]
	if !ok {
		en = zh
	}
	if work {
		return Name{ZH: zh + "调休上班", EN: "Make-up day for " + en}
	}
	return Name{ZH: zh, EN: en}
}

var (
	officialNames = map[string]string{"元旦节": "元旦", "国庆中秋": "国庆节、中秋节"}
	englishNames  = map[string]string{
		"元旦": "New Year's Day", "春节": "Spring Festival", "清明节": "Tomb-Sweeping Day", "劳动节": "Labour Day",
		"端午节": "Dragon Boat Festival", "中秋节": "Mid-Autumn Festival", "国庆节": "National Day",
		"国庆节、中秋节": "National Day and Mid-Autumn Festival", "抗战胜利日": "Victory Day",
	}
)
