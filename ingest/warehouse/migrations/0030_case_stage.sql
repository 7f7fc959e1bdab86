-- Rows of case_facts on their way there: what one refresh has computed, with the places where the
-- case lay before (old_places) and the first instant whose figures may differ (differs_from, the
-- largest number where nothing does). It is read again where a refresh was broken off.
CREATE TABLE IF NOT EXISTS case_stage
(
    run          String,
    old_places   Array(Tuple(UInt16, String)),
    differs_from Int64,
    process      LowCardinality(String),
    department   LowCardinality(String),
    case_id      String,
    class        LowCardinality(String),
    state        Enum8('open' = 0, 'completed' = 1, 'withdrawn' = 2),
    quarter      UInt16,
    started      Int64,
    completed    Int64,
    gone         Int64,
    last_seen    Int64,
    end_index    UInt32,
    last_stage   LowCardinality(String),
    returns      UInt32,
    instants     Array(Int64),
    stages       Array(LowCardinality(String)),
    actions      Array(Enum8('submit' = 1, 'start' = 2, 'complete' = 3, 'approve' = 4, 'return' = 5, 'reject' = 6, 'sign' = 7, 'archive' = 8, 'notify' = 9, 'check' = 10, 'remind' = 11, 'transfer' = 12, 'withdraw' = 13, 'comment' = 14, 'reopen' = 15, 'close' = 16)),
    actors       Array(LowCardinality(String)),
    original_due Nullable(Int64),
    current_due  Nullable(Int64),
    attributes   Map(LowCardinality(String), String),
    invited      Nullable(UInt64),
    missed       Nullable(UInt64),
    fault_kinds  Array(LowCardinality(String)),
    fault_stages Array(LowCardinality(String)),
    version      UInt64
)
ENGINE = MergeTree
PARTITION BY run
ORDER BY (process, case_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
