-- The newest event stored; a partition that lags behind does not hold it back.
-- Duplicates: maxima only, so a watermark that was counted twice is the same watermark.
SELECT toUnixTimestamp64Milli(max(produced_at)) AS as_of, count() AS n FROM log_coverage
