// Package archive keeps a backup on disk. Files come in and become a folder, or
// one .tar.gz file, with a manifest that says what each of them was; they come
// out again only when all are as they were.
package archive

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"example.com/officepulse/ingest"
)

// Format is the version of the manifest and of how files are named.
const Format = 1

const (
	manifestName = "manifest.json"
	suffix       = ".tar.gz"
	privateFile  = 0o600 // a backup holds what people wrote
	privateDir   = 0o700
)

var (
	// ErrTarget is matched by errors that say that no backup can be made there;
	// their text tells what to do.
	ErrTarget = errors.New("not a place for a backup")

	// ErrDamaged is matched by errors that say that a backup is not what it was
	// when it was made.
	ErrDamaged = errors.New("the backup is damaged or incomplete")
)

// Manifest says what a backup holds.
type Manifest struct {
	Format     int        `json:"format"`
	Version    string     `json:"version"`  // of the program that made it
	BeganAt    time.Time  `json:"began_at"` // everything acknowledged before is in it
	Kafka      Kafka      `json:"kafka"`
	ClickHouse ClickHouse `json:"clickhouse"`
	Files      []File     `json:"files"` // all but the manifest, in the order in which they were saved
}

// Kafka is the broker's part. Its files are in the backup only when the broker
// was embedded.
type Kafka struct {
	Embedded   bool                  `json:"embedded"`
	ClusterID  string                `json:"cluster_id"`
	Partitions []ingest.PartitionLag `json:"partitions"` // committed: where the sink has to go on
}

// ClickHouse is the database's part. Its files are in the backup only when the
// engine was embedded; otherwise its own BACKUP lies at Place.
type ClickHouse struct {
	Embedded bool    `json:"embedded"`
	Database string  `json:"database"`
	Name     string  `json:"name,omitempty"`  // of its backup below the destination
	Place    string  `json:"place,omitempty"` // the whole of it, without secrets
	Tables   []Table `json:"tables"`
	Exact    bool    `json:"exact"` // rows were counted in the backup; else in the tables when it began
}

// Table is one table and how many rows it has once copies of the same row are
// counted as one.
type Table struct {
	Name string `json:"name"`
	Rows uint64 `json:"rows"`
}

// File is one file of a backup.
type File struct {
	Name   string `json:"name"` // with slashes
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Compressed reports whether a backup at path is one file.
func Compressed(path string) bool { return strings.HasSuffix(path, suffix) }

// Bytes is how much the files below a folder are together; "" is all of them.
func (m *Manifest) Bytes(folder string) int64 {
	var n int64
	for _, f := range m.Files {
		if folder == "" || strings.HasPrefix(f.Name, folder+"/") {
			n += f.Size
		}
	}
	return n
}

// acceptable reports whether a name from a backup stays in the folder that it
// is unpacked into, on every system, and is no manifest.
func acceptable(name string) bool {
	return fs.ValidPath(name) && filepath.IsLocal(filepath.FromSlash(name)) &&
		name != "." && name != manifestName && !strings.ContainsAny(name, "\\:\x00")
}
