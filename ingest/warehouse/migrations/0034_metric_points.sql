-- Points of metrics as they are shown, of whole quarters and months: what the page of a quarter reads
-- instead of computing it from millions of cases. Written by analytics, exact to the last digit of
-- what it would compute.
--
-- A build is all points of one part of time, made at once; it is never changed, and dropped whole when
-- another takes its place. node says which of process (1), department (2) and class (4) a point is
-- of; the others are ''. item is the stage, kind or limit that it is of, with what it is before it
-- ("stage:draft"), or ''. The row of metric '' says that the build is complete.
CREATE TABLE IF NOT EXISTS metric_points
(
    build      String,
    metric     LowCardinality(String),
    clock      LowCardinality(String),
    node       UInt8,
    process    LowCardinality(String),
    department LowCardinality(String),
    class      LowCardinality(String),
    item       LowCardinality(String),
    bucket     Int64,
    n          UInt64,
    hits       UInt64,
    overdue    UInt64,
    mean       Float64,
    median     Float64,
    p75        Float64,
    p90        Float64,
    p95        Float64,
    total      Float64,
    parted            UInt64,
    waiting_mean      Float64,
    waiting_median    Float64,
    waiting_p90       Float64,
    waiting_total     Float64,
    processing_mean   Float64,
    processing_median Float64,
    processing_p90    Float64,
    processing_total  Float64
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (metric, clock, node, process, department, class, item)
