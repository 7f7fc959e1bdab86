-- Marks the months from which on the figures of staged cases differ.
INSERT INTO month_marks (from_month, mark)
SELECT DISTINCT toYear(fromUnixTimestamp64Milli(differs_from, 'UTC')) * 12 + toMonth(fromUnixTimestamp64Milli(differs_from, 'UTC')) - 1 AS from_month, {mark:UInt64}
FROM case_stage
WHERE run = {run:String} AND differs_from != 9223372036854775807
