package handbook

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Fingerprint names what all versions together promise: two handbooks that
// differ in any of it differ in fingerprint, and a handbook read again has the
// same. Comments and the order of keys in the file do not count. The days of
// year files are not in it but in the calendar's version. Eight hexadecimal
// digits.
func (h *History) Fingerprint() string {
	text, err := json.Marshal(h.versions)
	if err != nil { // only weights that are no number, which no file can have
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:4])
}
