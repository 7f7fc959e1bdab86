package analytics_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/officepulse/analytics"
	"example.com/officepulse/analytics/oracle"
)

// The Kaplan-Meier median of the database is that of package stats over the
// cases counted by hand, with open and withdrawn ones.
func TestSurvivalAgainstOracle(t *testing.T) {
	hb, cal := office(), workdays(t, "Asia/Shanghai")
	for seed := range uint64(3) {
		d := dice(40 + seed)
		records := story(d).Copies(oracle.Log(story(d).Tell(storyCases)))
		conn := store(t)
		insert(t, conn, records)
		m, o := overFacts(conn, hb, cal), oracle.New(hb, cal, records)
		for i := range 6 {
			q := question(d, "work_in_progress").Query
			if i%2 == 0 {
				q.To = q.From.AddDate(1, i, 0) // so that many are open at the end
			}
			got, err := m.Survival(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			want := o.Survival(q, got.AsOf)
			if want.N < 5 && len(q.Department)+len(q.Class)+len(q.Process) == 0 {
				t.Errorf("only %d cases to try it with", want.N)
			}
			got.Header = analytics.Header{}
			if diff := cmp.Diff(want, got, alike); diff != "" {
				t.Errorf("from %s to %s on the %s clock (-want +got):\n%s", q.From.Format(time.DateOnly), q.To.Format(time.DateOnly), q.Clock, diff)
			}
		}
	}
}
