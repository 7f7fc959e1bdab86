package demo

// Quarter is what the story promises of one quarter (DOMAIN.md §5 of the
// project's brief), each within its tolerance.
type Quarter struct {
	Name         string  // 2024Q4
	ErrorRate    float64 // percent of the cases completed, ± 0.8
	Approval     float64 // mean lead time of doc_approval in working days, ± 0.2
	Satisfaction float64 // simple mean of the departments, points of 100, ± 1
}

// Path lists the quarters of the story in order. The generator does not read
// it: whoever measures the story is held against it.
func Path() []Quarter {
	return []Quarter{
		{"2024Q4", 7.0, 3.2, 75.6},
		{"2025Q1", 7.0, 3.2, 75.2},
		{"2025Q2", 7.1, 3.2, 74.4},
		{"2025Q3", 7.1, 3.2, 74.8},
		{"2025Q4", 7.1, 3.2, 75.0},
		{"2026Q1", 6.5, 2.6, 81.5},
		{"2026Q2", 4.4, 1.5, 88.0},
		{"2026Q3", 4.2, 1.4, 92.0},
	}
}
