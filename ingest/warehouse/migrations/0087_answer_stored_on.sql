-- The day is enough to find out what went wrong; the instant would tell answers apart.
ALTER TABLE answer_events MODIFY COLUMN stored_at DateTime64(3, 'UTC') DEFAULT toStartOfDay(now('UTC'))
