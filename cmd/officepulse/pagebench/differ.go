package pagebench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
)

// tolerance is how far two numbers may be apart, relative to the larger: sums
// of floating-point numbers depend on the order in which threads add them up.
const tolerance = 1e-9

// differ says where two answers differ; "" where they do not. JSON is compared
// by its values, everything else byte by byte.
func differ(served, raw []byte) string {
	if bytes.Equal(served, raw) {
		return ""
	}
	var a, b any
	if json.Unmarshal(served, &a) != nil || json.Unmarshal(raw, &b) != nil {
		at := 0
		for at < min(len(served), len(raw)) && served[at] == raw[at] {
			at++
		}
		return fmt.Sprintf("at byte %d: %q, raw %q", at, around(served, at), around(raw, at))
	}
	return differing("", a, b)
}

func around(text []byte, at int) []byte {
	return text[max(0, min(at, len(text))-60):min(len(text), at+60)]
}

func differing(path string, a, b any) string {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			break
		}
		for _, name := range slices.Sorted(maps.Keys(x)) {
			if d := differing(path+"."+name, x[name], y[name]); d != "" {
				return d
			}
		}
		return ""
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			break
		}
		for i := range x {
			if d := differing(fmt.Sprintf("%s[%d]", path, i), x[i], y[i]); d != "" {
				return d
			}
		}
		return ""
	case float64:
		if y, ok := b.(float64); ok && math.Abs(x-y) <= tolerance*math.Max(math.Abs(x), math.Abs(y)) {
			return ""
		}
	default:
		if a == b {
			return ""
		}
	}
	return fmt.Sprintf("%s: %.200s, raw %.200s", path, fmt.Sprint(a), fmt.Sprint(b))
}
