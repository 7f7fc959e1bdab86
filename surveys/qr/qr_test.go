package qr

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"strings"
	"testing"
	"time"

	goqr "github.com/piglig/go-qr"

	"example.com/officepulse/surveys/invitation"
	"example.com/officepulse/surveys/questionnaire"
)

func link() string {
	i := invitation.New(invitation.Department, "2026Q3", "warehouse_and_logistics")
	return "https://office.example.com/s/" + i.Code(invitation.NewSecret())
}

// The picture is read back as a camera would.
func TestPNG(t *testing.T) {
	for range 5 {
		want := link()
		data, err := PNG(want)
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := goqr.Decode(picture); err != nil || got != want {
			t.Fatalf("read %q, %v; want %q", got, err, want)
		}
	}
}

func TestSVG(t *testing.T) {
	data, err := SVG(link())
	if err != nil {
		t.Fatal(err)
	}
	for decoder := xml.NewDecoder(bytes.NewReader(data)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local != "svg" && e.Name.Local != "rect" && e.Name.Local != "path" {
			t.Errorf("the drawing has a <%s>", e.Name.Local)
		}
	}
	if _, err := SVG(strings.Repeat("x", 5000)); err == nil {
		t.Error("a link of 5,000 characters fits")
	}
}

func TestSheet(t *testing.T) {
	s := Sheet{
		Title: questionnaire.Text{ZH: "满意度<调查>", EN: "Satisfaction"}, Closes: time.Date(2026, 9, 30, 18, 0, 0, 0, time.UTC),
		Links: []Link{{questionnaire.Text{ZH: "质量部", EN: "Quality"}, link()}, {questionnaire.Text{ZH: "<script>", EN: "R&D"}, link()}},
	}
	var b bytes.Buffer
	if err := s.Write(&b, "n0nce"); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	if got := strings.Count(page, "<svg"); got != len(s.Links) {
		t.Errorf("%d codes for %d departments", got, len(s.Links))
	}
	for _, want := range []string{"无法保证一人一票", "cannot guarantee one person, one answer", "质量部", "R&amp;D", "2026年9月30日18:00", "2026-09-30 18:00", s.Links[1].URL, `nonce="n0nce"`, "满意度&lt;调查&gt;"} {
		if !strings.Contains(page, want) {
			t.Errorf("the sheet lacks %q", want)
		}
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "<?xml") || strings.Contains(page, `src="http`) {
		t.Error("the sheet has a script, a prologue in its middle, or something to load")
	}
}

func ExampleSVG() {
	code, err := SVG("https://office.example.com/s/abc")
	fmt.Println(bytes.Contains(code, []byte("<path")), err)
	// Output: true <nil>
}
