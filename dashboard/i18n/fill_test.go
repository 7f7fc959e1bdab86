package i18n

import "testing"

// Latin names keep a space from the Chinese around them; nothing else changes.
func TestFill(t *testing.T) {
	f := func(text, value, want string) {
		t.Helper()
		if got := fill(text, map[string]string{"name": value}); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	f("{name}平均用时", "purchase", "purchase 平均用时")
	f("其中{name} 件", "purchase", "其中 purchase 件")
	f("{name}年", "2026", "2026年")
	f("“{name}”最多", "IT部", "“IT部”最多")
	f("{name}最多", "采购", "采购最多")
	f("{name} and {other}", "{other}", "{other} and {other}")
}
