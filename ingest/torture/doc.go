// Package torture is the fault matrix: every way in which a part of the way
// from the gateway to the warehouse can fail, done to real processes, and after
// each the proof that no acknowledged event is lost and none is counted twice.
// There are only tests in it; docs/delivery.md has their table.
package torture
