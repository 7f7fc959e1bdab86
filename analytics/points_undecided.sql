SELECT count() > 0 AS undecided
FROM promises_made
WHERE settled >= {from:Int64} AND settled < {to:Int64} AND done = never AND limit_kept(form, clock, amount, begun, {now:Int64}, promised)
