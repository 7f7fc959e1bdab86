// Package qr puts the links of departments on paper: links go in, codes for a
// phone's camera and a sheet to print come out.
package qr

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"time"

	goqr "github.com/piglig/go-qr"

	"example.com/officepulse/surveys/questionnaire"
)

const (
	scale  = 8 // pixels a module
	border = 4 // modules: the quiet zone that the standard asks for (ISO/IEC 18004)
)

// encode makes a code that can still be read when a seventh of it is soiled.
func encode(link string) (*goqr.QrCode, error) {
	code, err := goqr.EncodeText(link, goqr.Medium)
	if err != nil {
		return nil, fmt.Errorf("make a QR code: %w", err)
	}
	return code, nil
}

// SVG draws a link as a code, black on white in every theme: cameras want contrast.
func SVG(link string) ([]byte, error) {
	code, err := encode(link)
	if err != nil {
		return nil, err
	}
	return code.ToSVGBytes(goqr.NewQrCodeImgConfig(scale, border, goqr.WithOptimalSVG()))
}

// PNG draws a link as a code, eight pixels a module.
func PNG(link string) ([]byte, error) {
	code, err := encode(link)
	if err != nil {
		return nil, err
	}
	return code.ToPNGBytes(goqr.NewQrCodeImgConfig(scale, border))
}

// Sheet is a page to print and cut: one code a department.
type Sheet struct {
	Title  questionnaire.Text
	Closes time.Time // in the office's zone
	Links  []Link
}

// Link is what one card of the sheet leads to.
type Link struct {
	Department questionnaire.Text
	URL        string
}

//go:embed sheet.html
var files embed.FS

var page = template.Must(template.ParseFS(files, "sheet.html"))

type card struct {
	Link
	Code template.HTML // our own drawing
}

// Write prints the sheet as one HTML page without scripts or anything to load.
// Every card says in both languages what a shared link cannot do. The nonce is
// that of the page's style in the content security policy.
func (s Sheet) Write(w io.Writer, nonce string) error {
	cards := make([]card, len(s.Links))
	for i, l := range s.Links {
		code, err := SVG(l.URL)
		if err != nil {
			return err
		}
		if at := bytes.Index(code, []byte("<svg")); at > 0 {
			code = code[at:]
		}
		cards[i] = card{l, template.HTML(code)} //nolint:gosec // drawn by SVG from modules; the link is not part of it
	}
	return page.Execute(w, map[string]any{
		"Title": s.Title, "Cards": cards, "Nonce": nonce,
		"ClosesZH": s.Closes.Format("2006年1月2日15:04"), "ClosesEN": s.Closes.Format("2006-01-02 15:04"),
	})
}
