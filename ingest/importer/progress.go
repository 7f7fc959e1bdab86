package importer

// meter turns the offsets of several readings into one growing figure.
type meter struct {
	report   func(done, total int64)
	total    int64 // bytes of the file
	readings int64 // how often the file is read
	reading  int64 // the one under way, from 0
	done     int64
}

func (m *meter) at(offset int64) {
	done := (m.reading*m.total + min(offset, m.total)) / m.readings
	m.done = max(m.done, done) // a repeated reading does not take the bar back
	if m.report != nil {
		m.report(m.done, m.total)
	}
}

func (m *meter) nextReading() {
	m.at(m.total)
	m.reading++
}
