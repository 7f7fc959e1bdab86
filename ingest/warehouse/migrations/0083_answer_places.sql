-- Where answers lay in the log. Nothing of it is kept: rows only pass through to log_coverage, which
-- holds sets of places, so that the delivery of answers can be audited and none of them has a place.
-- An answer's own offset would say in which order people answered.
CREATE TABLE IF NOT EXISTS answer_places
(
    log_id          LowCardinality(String),
    topic_partition UInt32,
    topic_offset    UInt64,
    time            DateTime64(3, 'UTC'),
    produced_at     DateTime64(3, 'UTC')
)
ENGINE = Null
