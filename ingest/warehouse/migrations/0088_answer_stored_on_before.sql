ALTER TABLE answer_events UPDATE stored_at = toStartOfDay(stored_at) WHERE stored_at != toStartOfDay(stored_at)
