ALTER TABLE answer_events DROP COLUMN IF EXISTS topic_offset
