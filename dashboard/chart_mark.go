package dashboard

import "github.com/go-echarts/go-echarts/v2/opts"

// mark is one item of a series with all that go-echarts' own items lack: a look
// of its own, what the tooltip says of it, and the cases behind it.
type mark struct {
	Value      any         `json:"value"`
	Symbol     string      `json:"symbol,omitempty"`
	SymbolSize int         `json:"symbolSize,omitempty"`
	Label      *opts.Label `json:"label,omitempty"`
	Look       *look       `json:"itemStyle,omitempty"`
	Text       string      `json:"text,omitempty"` // of the tooltip, where it belongs to items
	Href       string      `json:"href,omitempty"`
}

// look is how a mark is filled. Decal is a pattern over the fill.
type look struct {
	Color       string  `json:"color,omitempty"`
	BorderColor string  `json:"borderColor,omitempty"`
	BorderWidth float64 `json:"borderWidth,omitempty"`
	Opacity     *int    `json:"opacity,omitempty"`
	Decal       *decal  `json:"decal,omitempty"`
}

// decal is ECharts' description of a pattern.
type decal struct {
	Symbol   string  `json:"symbol"`
	Color    string  `json:"color"`
	DashX    []int   `json:"dashArrayX"`
	DashY    []int   `json:"dashArrayY"`
	Rotation float64 `json:"rotation"`
}

// hatching marks what rests on too little to be more than indicative. It is
// seen in black and white as well.
func hatching() *decal {
	return &decal{Symbol: "rect", Color: colourSecond, DashX: []int{1, 0}, DashY: []int{1, 6}, Rotation: -0.785}
}

// written is a label beside a mark.
func written(text, position, colour, weight string) *opts.Label {
	return &opts.Label{
		Show: opts.Bool(true), Position: position, Formatter: plain(text), Color: colour, FontSize: labelSize, FontWeight: weight,
	}
}

// scaffold is the name of a series that only carries others: app.js keeps it out
// of tooltips and clicks.
const scaffold = ""
