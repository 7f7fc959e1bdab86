package analytics

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSplit(t *testing.T) {
	tests := map[string]struct {
		from, to string // dates in zone
		zone     string
		bucket   Bucket
		fiscal   time.Month
		want     []string // label, start and end of each part
	}{
		"quarters of a calendar year": {
			"2026-01-01", "2026-07-01", "Asia/Shanghai", BucketQuarter, time.January,
			[]string{
				"2026Q1 2026-01-01T00:00:00+08:00 2026-04-01T00:00:00+08:00",
				"2026Q2 2026-04-01T00:00:00+08:00 2026-07-01T00:00:00+08:00",
			},
		},
		"quarters of a fiscal year from April, cut at both ends": {
			"2026-02-10", "2026-04-02", "UTC", BucketQuarter, time.April,
			[]string{
				"2025Q4 2026-02-10T00:00:00Z 2026-04-01T00:00:00Z",
				"2026Q1 2026-04-01T00:00:00Z 2026-04-02T00:00:00Z",
			},
		},
		"quarters of a fiscal year from December": {
			"2026-11-30", "2027-03-01", "UTC", BucketQuarter, time.December,
			[]string{
				"2025Q4 2026-11-30T00:00:00Z 2026-12-01T00:00:00Z",
				"2026Q1 2026-12-01T00:00:00Z 2027-03-01T00:00:00Z",
			},
		},
		"quarters of a fiscal year from February": {
			"2027-01-31", "2027-02-02", "UTC", BucketQuarter, time.February,
			[]string{
				"2026Q4 2027-01-31T00:00:00Z 2027-02-01T00:00:00Z",
				"2027Q1 2027-02-01T00:00:00Z 2027-02-02T00:00:00Z",
			},
		},
		"quarters before 1970": {
			"1948-01-26", "1948-04-02", "UTC", BucketQuarter, time.January,
			[]string{
				"1948Q1 1948-01-26T00:00:00Z 1948-04-01T00:00:00Z",
				"1948Q2 1948-04-01T00:00:00Z 1948-04-02T00:00:00Z",
			},
		},
		"weeks over the end of a year with 53": {
			"2026-12-28", "2027-01-11", "UTC", BucketWeek, time.January,
			[]string{
				"2026W53 2026-12-28T00:00:00Z 2027-01-04T00:00:00Z",
				"2027W01 2027-01-04T00:00:00Z 2027-01-11T00:00:00Z",
			},
		},
		"weeks over the end of a year with 52, from a Wednesday": {
			"2025-12-31", "2026-01-06", "UTC", BucketWeek, time.January,
			[]string{
				"2026W01 2025-12-31T00:00:00Z 2026-01-05T00:00:00Z",
				"2026W02 2026-01-05T00:00:00Z 2026-01-06T00:00:00Z",
			},
		},
		"months with summer time": {
			"2026-03-01", "2026-05-01", "America/New_York", BucketMonth, time.January,
			[]string{
				"2026-03 2026-03-01T00:00:00-05:00 2026-04-01T00:00:00-04:00",
				"2026-04 2026-04-01T00:00:00-04:00 2026-05-01T00:00:00-04:00",
			},
		},
		"days of 23 and 25 hours": {
			"2026-03-29", "2026-03-30", "Europe/Rome", BucketDay, time.January,
			[]string{"2026-03-29 2026-03-29T00:00:00+01:00 2026-03-30T00:00:00+02:00"},
		},
		"a day that begins at one o'clock": {
			"2018-11-03", "2018-11-06", "America/Sao_Paulo", BucketDay, time.January,
			[]string{
				"2018-11-03 2018-11-03T00:00:00-03:00 2018-11-04T01:00:00-02:00",
				"2018-11-04 2018-11-04T01:00:00-02:00 2018-11-05T00:00:00-02:00",
				"2018-11-05 2018-11-05T00:00:00-02:00 2018-11-06T00:00:00-02:00",
			},
		},
		"a day with two midnights": {
			"2025-11-01", "2025-11-03", "America/Havana", BucketDay, time.January,
			[]string{
				"2025-11-01 2025-11-01T00:00:00-04:00 2025-11-02T00:00:00-04:00",
				"2025-11-02 2025-11-02T00:00:00-04:00 2025-11-03T00:00:00-05:00",
			},
		},
		"a leap day": {
			"2024-02-29", "2024-03-01", "UTC", BucketDay, time.January,
			[]string{"2024-02-29 2024-02-29T00:00:00Z 2024-03-01T00:00:00Z"},
		},
		"the whole": {
			"2026-01-15", "2026-02-03", "UTC", BucketNone, time.January,
			[]string{" 2026-01-15T00:00:00Z 2026-02-03T00:00:00Z"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			zone, err := time.LoadLocation(test.zone)
			if err != nil {
				t.Fatal(err)
			}
			parts, err := split(inZone(t, test.from, zone), inZone(t, test.to, zone), zone, test.bucket, test.fiscal)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range parts {
				got = append(got, p.label+" "+p.start.Format(time.RFC3339)+" "+p.end.Format(time.RFC3339))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// inZone reads a date as the midnight that a caller would make of it.
func inZone(t *testing.T, text string, zone *time.Location) time.Time {
	t.Helper()
	at, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// Whatever the zone, the fiscal year and the bucket: the parts meet without gap
// or overlap and cover the period.
func TestSplitCovers(t *testing.T) {
	for _, name := range []string{"UTC", "Asia/Shanghai", "America/Sao_Paulo", "America/Havana", "Australia/Lord_Howe", "America/St_Johns", "Asia/Beirut"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for fiscal := time.January; fiscal <= time.December; fiscal++ {
			for _, b := range []Bucket{BucketQuarter, BucketMonth, BucketWeek, BucketDay, BucketNone} {
				from, to := time.Date(2004, 3, 17, 0, 0, 0, 0, zone), time.Date(2007, 2, 3, 0, 0, 0, 0, zone)
				parts, err := split(from, to, zone, b, fiscal)
				if err != nil {
					t.Fatal(err)
				}
				at, labels := from, make(map[string]bool)
				for _, p := range parts {
					if !p.start.Equal(at) || !p.start.Before(p.end) || labels[p.label] {
						t.Fatalf("%s, %s from %v: %s is %v to %v after %v", name, b, fiscal, p.label, p.start, p.end, at)
					}
					at, labels[p.label] = p.end, true
				}
				if !at.Equal(to) {
					t.Fatalf("%s, %s from %v: ends at %v", name, b, fiscal, at)
				}
			}
		}
	}
}

func TestSplitRefuses(t *testing.T) {
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f := func(to time.Time, b Bucket) {
		t.Helper()
		if parts, err := split(from, to, time.UTC, b, time.January); !errors.Is(err, ErrQuery) {
			t.Errorf("until %v in %s: got %d parts and %v, want ErrQuery", to, b, len(parts), err)
		}
	}
	f(from, BucketNone)
	f(from.Add(-time.Second), BucketDay)
	f(from.AddDate(0, 0, MaxBuckets+1), BucketDay)
	f(from.AddDate(9999, 0, 0), BucketWeek)
	f(from.AddDate(1, 0, 0), "fortnight")
}

// Names is in the documented order; the catalogue knows the same metrics.
func TestNames(t *testing.T) {
	if len(Names()) != len(metrics) {
		t.Errorf("%d names, %d metrics", len(Names()), len(metrics))
	}
	for _, name := range Names() {
		if m, ok := metrics[name]; !ok || (m.point == nil) == (m.table == nil) || m.unit == "" || m.definition == "" {
			t.Errorf("%s is incomplete: %+v", name, m)
		}
	}
}
