-- Which log topic_partition and topic_offset lie in: offsets begin anew in a new cluster.
ALTER TABLE fault_events ADD COLUMN IF NOT EXISTS log_id LowCardinality(String)
