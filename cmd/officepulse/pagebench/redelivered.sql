-- One event in a hundred once more, as a producer that tries again sends it: a later copy in the
-- log, which may change no figure.
SELECT
    event_id, source, time, sequence, process, case_id, stage, action, department, actor, actor_department, due_at, class, assume_complete, attributes,
    log_id, topic_partition, topic_offset + 1099511627776 AS topic_offset, produced_at
FROM task_events
WHERE sipHash64(event_id, 'again') % 100 = 0
