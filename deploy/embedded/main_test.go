package embedded_test

import (
	"os"
	"testing"

	"example.com/officepulse/deploy/embedded"
)

func TestMain(m *testing.M) {
	embedded.RunIfChild()
	os.Exit(m.Run())
}
