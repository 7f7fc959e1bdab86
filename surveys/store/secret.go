package store

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"example.com/officepulse/surveys/invitation"
)

const secretFile = "secret"

// Secret is the one that signs links, kept in the directory dir and made when
// there is none. Who loses it loses every link that was handed out.
func Secret(dir string) (invitation.Secret, error) {
	path := filepath.Join(dir, secretFile)
	text, err := os.ReadFile(path) //nolint:gosec // in the data directory
	if err == nil {
		secret, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
		if err != nil || len(secret) != invitation.SecretSize {
			return nil, fmt.Errorf("%s holds no secret; put it back from a backup, or remove it and hand out new links", path)
		}
		return secret, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("read the secret of survey links: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("keep the secret of survey links: %w", err)
	}
	secret := invitation.NewSecret()
	if err := writeWhole(path, []byte(base64.StdEncoding.EncodeToString(secret)+"\n")); err != nil {
		return nil, fmt.Errorf("keep the secret of survey links: %w", err)
	}
	return secret, nil
}
