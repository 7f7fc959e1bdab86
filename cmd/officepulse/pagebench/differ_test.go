package pagebench

import "testing"

func TestDiffer(t *testing.T) {
	f := func(served, raw string, equal bool) {
		t.Helper()
		if got := differ([]byte(served), []byte(raw)); (got == "") != equal {
			t.Errorf("differ(%s, %s) = %q", served, raw, got)
		}
	}
	f(`{"n":1,"series":[{"key":"a","points":[{"mean":2.5}]}]}`, `{"series":[{"points":[{"mean":2.5}],"key":"a"}],"n":1}`, true)
	f(`{"mean":100.00000000001}`, `{"mean":100}`, true) // another order of adding up
	f(`{"mean":100.001}`, `{"mean":100}`, false)
	f(`{"n":1}`, `{"n":1,"count":0}`, false)
	f(`[1,2]`, `[1]`, false)
	f(`[1]`, `{"n":1}`, false)
	f(`{"n":null}`, `{"n":0}`, false)
	f(`{"key":"a"}`, `{"key":"b"}`, false)
	f(`<p>3,1 d</p>`, `<p>3,1 d</p>`, true)
	f(`<p>3,1 d</p>`, `<p>3,2 d</p>`, false)
	f(`<p>3</p>`, `<p>3</p> `, false)
}
