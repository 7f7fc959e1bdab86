-- What is known of each case, one row a case: derived from task_events and fault_events, written by
-- analytics, and made anew when the handbook ends cases otherwise. Instants are milliseconds since
-- 1970. What goes by the working calendar or a limit is not in it: it is read by today's promises.
--
-- Partition: the quarter (UTC) in which the case was gone, as years * 4 + quarters, and 65535 while it
-- is open; so a question about a period reads that period. Sort key: a question is about a process
-- or department as a rule. Both may change in the course of a case: its row then moves, and a row
-- with is_deleted stays behind in its place.
-- version: the sum of the times at which the events and reports it rests on were stored. A row that
-- rests on more has the larger one, whoever computed it and when.
CREATE TABLE IF NOT EXISTS case_facts
(
    process      LowCardinality(String),
    department   LowCardinality(String),
    case_id      String,
    class        LowCardinality(String),
    state        Enum8('open' = 0, 'completed' = 1, 'withdrawn' = 2),
    quarter      UInt16,
    started      Int64 CODEC(T64, LZ4),
    completed    Int64 CODEC(T64, LZ4),
    gone         Int64 CODEC(T64, LZ4),
    last_seen    Int64 CODEC(T64, LZ4),
    end_index    UInt32,
    last_stage   LowCardinality(String),
    returns      UInt32,
    instants     Array(Int64) CODEC(Delta(8), LZ4),
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
    version      UInt64,
    is_deleted   UInt8,
    INDEX by_case case_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY quarter
ORDER BY (process, department, case_id, quarter)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, allow_experimental_replacing_merge_with_cleanup = 1
