package dashboard

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.com/officepulse/analytics"
)

func TestParseQuery(t *testing.T) {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	paulo, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		query string
		want  analytics.Query
	}{
		"nothing": {"", analytics.Query{Zone: shanghai}},
		"everything": {
			"from=2026-01-01&to=2026-07-01&bucket=month&by=department&process=a&process=b,c&department=d&stage=s&class=core&clock=working&timezone=Europe/Rome&limit=5&sort=total",
			analytics.Query{
				From: time.Date(2026, 1, 1, 0, 0, 0, 0, rome), To: time.Date(2026, 7, 1, 0, 0, 0, 0, rome), Zone: rome,
				Bucket: analytics.BucketMonth, By: analytics.ByDepartment, Clock: analytics.ClockWorking,
				Process: []string{"a", "b", "c"}, Department: []string{"d"}, Stage: []string{"s"}, Class: []string{"core"},
				Limit: 5, Sort: analytics.SortTotal,
			},
		},
		"days of the office": {"from=2026-01-01", analytics.Query{From: time.Date(2026, 1, 1, 0, 0, 0, 0, shanghai), Zone: shanghai}},
		"empty and repeated": {"process=,a,,a&bucket=", analytics.Query{Zone: shanghai, Process: []string{"a"}}},
		"a name with commas": {
			"process=" + url.QueryEscape(`"a,b",c,"say ""x"", y",5" pipe`) + "&department=" + url.QueryEscape(`""`),
			analytics.Query{Zone: shanghai, Process: []string{"a,b", "c", `say "x", y`, `5" pipe`}},
		},
		"a day without midnight": {
			"timezone=America/Sao_Paulo&from=2018-11-04&to=2018-11-05",
			analytics.Query{
				From: time.Date(2018, 11, 4, 3, 0, 0, 0, time.UTC), To: time.Date(2018, 11, 5, 2, 0, 0, 0, time.UTC), Zone: paulo,
			},
		},
		"Chinese keys": {"department=" + url.QueryEscape("生产"), analytics.Query{Zone: shanghai, Department: []string{"生产"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			values, err := url.ParseQuery(test.query)
			if err != nil {
				t.Fatal(err)
			}
			got, faults := parseQuery(values, shanghai)
			if len(faults) > 0 {
				t.Fatalf("refused: %+v", faults)
			}
			zone := cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })
			if d := cmp.Diff(got, test.want, zone, cmpopts.EquateEmpty()); d != "" {
				t.Errorf("(-got +want)\n%s", d)
			}
		})
	}
}

func TestParseQueryRefuses(t *testing.T) {
	f := func(query string, want ...string) {
		t.Helper()
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		_, faults := parseQuery(values, shanghai)
		var got []string
		for _, fault := range faults {
			got = append(got, fault.Parameter)
			if fault.Detail == "" {
				t.Errorf("%s: %s is refused without a reason", query, fault.Parameter)
			}
		}
		slices.Sort(got)
		if d := cmp.Diff(got, want); d != "" {
			t.Errorf("%s (-got +want)\n%s", query, d)
		}
	}
	f("buckt=month", "buckt")
	f("bucket=year&by=actor&clock=sundial&sort=size", "bucket", "by", "clock", "sort")
	f("from=2026-13-01&to=tomorrow", "from", "to")
	f("from=2026-07-01&to=2026-07-01", "to")
	f("from=2026-07-01T00:00:00Z", "from")
	f("from=1800-01-01", "from")
	f("from=2026-01-01&from=2026-02-01", "from")
	f("timezone=Mars/Olympus", "timezone")
	f("timezone=Local", "timezone")
	f("timezone=../../etc/passwd", "timezone")
	f("limit=0", "limit")
	f("limit=1001", "limit")
	f("limit=ten", "limit")
	f("process=%ff", "process")
	f("process=a%00b", "process")
	f("process=%22a,b", "process")
	f("process=%22a%22b", "process")
	f("process="+strings.Repeat("x", maxValueBytes+1), "process")
	f("process="+strings.Join(manyValues(maxFilterValues+1), ","), "process")
}

func manyValues(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = "v" + strings.Repeat("x", i)
	}
	return list
}

// FuzzQuery checks that no URL makes the parser panic, and that what it accepts
// is within the bounds it promises.
func FuzzQuery(f *testing.F) {
	f.Add("from=2026-01-01&to=2026-07-01&bucket=month&by=department&process=a,b&clock=working&timezone=UTC")
	f.Add("process=%ff&limit=-1&timezone=Local")
	f.Add("quarter=2026Q3&process=x&lang=en")
	f.Add("from=2026-01-01&through=2026-03-31&before_from=2025-01-01&before_to=2025-04-01&class=core&stage=sign&bucket=month")
	f.Add("before=last_year&from=2026-01-01&through=2100-12-31")
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		if filters, ok := parseFilters(values, shanghai); ok {
			if again, ok := parseFilters(mustQuery(t, filters.href()), shanghai); !ok || again != filters {
				t.Errorf("%q: %+v became %+v by its own URL", query, filters, again)
			}
		}
		q, faults := parseQuery(values, shanghai)
		if len(faults) > 0 {
			return
		}
		if q.Zone == nil || q.Limit < 0 || q.Limit > analytics.MaxLimit {
			t.Errorf("%q: out of bounds: %+v", query, q)
		}
		if !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To) {
			t.Errorf("%q: reversed: %+v", query, q)
		}
		for _, list := range [][]string{q.Process, q.Department, q.Stage, q.Class} {
			if len(list) > maxFilterValues || slices.Contains(list, "") {
				t.Errorf("%q: bad filter %q", query, list)
			}
		}
	})
}

func mustQuery(tb testing.TB, href string) url.Values {
	tb.Helper()
	u, err := url.Parse(href)
	if err != nil {
		tb.Fatal(err)
	}
	return u.Query()
}
