package embedded

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

const (
	lookForDamageEvery = 5 * time.Second
	mendEvery          = 10 * time.Minute // a damage that a restart does not mend must not keep the engine down
)

// damageSQL counts the errors since the engine's start that tell of a part of a
// table which cannot be read.
//
// A disk that runs full while parts are being merged can leave a merged part with
// an empty file in it, which the engine then takes for good and fails to read for
// ever. At a start it looks the parts over, puts such a one aside and takes those
// that it was merged from, which stay on the disk for old_parts_lifetime.
//
// Some of the errors are also those of a connection that broke off; only with a
// part in its text is one of a table.
const damageSQL = "SELECT sum(value) FROM system.errors WHERE name IN ('CORRUPTED_DATA', 'NO_FILE_IN_DATA_PART', 'BAD_SIZE_OF_FILE_IN_DATA_PART') " +
	"OR name IN ('CANNOT_READ_ALL_DATA', 'CHECKSUM_DOESNT_MATCH', 'CANNOT_DECOMPRESS') AND last_error_message LIKE '%while reading from part%'"

// damaged returns once the engine has come upon a part that it cannot read, or
// with ctx's error. What the engine found at its start is mended already.
func (c *ClickHouse) damaged(ctx context.Context) error {
	conn, err := c.open()
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	atStart, known := uint64(0), false
	look := time.NewTicker(lookForDamageEvery)
	defer look.Stop()
	for {
		// An engine that does not answer is looked at again; supervise sees one that ended.
		if n, err := countDamage(ctx, conn); err == nil {
			if known && n > atStart && time.Since(c.mended) > mendEvery {
				return nil
			}
			if !known {
				atStart, known = n, true
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
}

func countDamage(ctx context.Context, conn driver.Conn) (n uint64, err error) {
	err = conn.QueryRow(ctx, damageSQL).Scan(&n)
	return n, err
}
