package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"example.com/officepulse/surveys/invitation"
)

// Link is what is kept of a link.
type Link struct {
	Wave       string
	Hash       string // of the token, hexadecimal
	Kind       invitation.Kind
	Department string
	Seed       string // with the secret it makes the link again, see [invitation.Again]
	Recipient  string // where it was sent, e.g. an e-mail address; "" when it was handed out otherwise
	MadeOn     time.Time
	MadeBy     string
}

// LinkOf is what is kept of an invitation that was made from a seed.
func LinkOf(i *invitation.Invitation, seed, recipient, by string, on time.Time) Link {
	return Link{Wave: i.Wave, Hash: hashName(i.Hash()), Kind: i.Kind, Department: i.Department, Seed: seed, Recipient: recipient, MadeBy: by, MadeOn: on}
}

// Invitation makes the link again.
func (l *Link) Invitation(secret invitation.Secret) invitation.Invitation {
	return invitation.Again(secret, l.Kind, l.Wave, l.Department, l.Seed)
}

var kindNames = map[invitation.Kind]string{invitation.Personal: "personal", invitation.Department: "department"}

// AddLinks keeps links, all or none of them. The same again changes nothing.
func (s *Store) AddLinks(ctx context.Context, links []Link) error {
	if len(links) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	batch, err := s.conn.PrepareBatch(ctx, "INSERT INTO survey_links (wave, link, kind, department, seed, recipient, made_on, made_by)")
	if err != nil {
		return fmt.Errorf("keep %d links: %w: %w", len(links), ErrAway, err)
	}
	defer func() { _ = batch.Close() }()
	for i := range links {
		l := &links[i]
		if err := batch.Append(l.Wave, l.Hash, kindNames[l.Kind], l.Department, l.Seed, l.Recipient, l.MadeOn, l.MadeBy); err != nil {
			return fmt.Errorf("keep %d links: %w", len(links), err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("keep %d links: %w: %w", len(links), ErrAway, err)
	}
	return nil
}

// Links are those of a wave, by department and then by hash, which says nothing
// of the order in which they were made.
func (s *Store) Links(ctx context.Context, wave string) (links []Link, err error) {
	const ask = "SELECT link, toString(kind), department, seed, recipient, made_on, made_by FROM survey_links FINAL WHERE wave = {wave:String} ORDER BY department, kind, link"
	rows, err := s.conn.Query(ctx, ask, clickhouse.Named("wave", wave))
	if err != nil {
		return nil, fmt.Errorf("read the links of wave %s: %w: %w", wave, ErrAway, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		l := Link{Wave: wave}
		var kind string
		if err := rows.Scan(&l.Hash, &kind, &l.Department, &l.Seed, &l.Recipient, &l.MadeOn, &l.MadeBy); err != nil {
			return nil, fmt.Errorf("read the links of wave %s: %w", wave, err)
		}
		for k, name := range kindNames {
			if name == kind {
				l.Kind = k
			}
		}
		links = append(links, l)
	}
	return links, rows.Err()
}
