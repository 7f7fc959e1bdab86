package warehouse

import (
	"time"

	"example.com/officepulse/ingest/event"
)

// table is how records of one type become columns. Whole columns are appended
// because that is the driver's fast path.
type table struct {
	insert  string
	columns func([]event.Record) []any // in the order of insert's names
}

const logColumns = "log_id, topic_partition, topic_offset, produced_at"

var tables = map[event.Type]table{
	event.TypeTask: {
		insert: "INSERT INTO task_events (event_id, source, time, sequence, process, case_id, stage, action, department, " +
			"actor, actor_department, due_at, class, assume_complete, attributes, " + logColumns + ")",
		columns: taskColumns,
	},
	event.TypeFault: {
		insert: "INSERT INTO fault_events (event_id, source, time, sequence, process, fault_id, case_id, stage, kind, severity, " +
			"status, department, reported_by, found_at, " + logColumns + ")",
		columns: faultColumns,
	},
	event.TypeAnswer: {
		insert: "INSERT INTO answer_events (event_id, source, time, sequence, wave, questionnaire, answer_id, department, " +
			"numbers, texts, choices, log_id, topic_partition, produced_at)",
		columns: answerColumns,
	},
}

// column gathers one value of every record.
func column[R, T any](records []R, value func(*R) T) []T {
	values := make([]T, len(records))
	for i := range records {
		values[i] = value(&records[i])
	}
	return values
}

func commonColumns(records []event.Record) []any {
	return []any{
		column(records, func(r *event.Record) string { return r.ID }),
		column(records, func(r *event.Record) string { return r.Source }),
		column(records, func(r *event.Record) time.Time { return r.Time }),
		column(records, func(r *event.Record) string { return r.Sequence }),
	}
}

func placeColumns(records []event.Record) []any {
	return []any{
		column(records, func(r *event.Record) string { return r.Log }),
		column(records, func(r *event.Record) uint32 { return uint32(r.Partition) }), //nolint:gosec // partitions count from 0
		column(records, func(r *event.Record) uint64 { return uint64(r.Offset) }),    //nolint:gosec // offsets count from 0
		column(records, func(r *event.Record) time.Time { return r.ProducedAt }),
	}
}

func taskColumns(records []event.Record) []any {
	columns := append(commonColumns(records),
		column(records, func(r *event.Record) string { return r.Task.Process }),
		column(records, func(r *event.Record) string { return r.Task.CaseID }),
		column(records, func(r *event.Record) string { return r.Task.Stage }),
		column(records, func(r *event.Record) string { return string(r.Task.Action) }),
		column(records, func(r *event.Record) string { return r.Task.Department }),
		column(records, func(r *event.Record) string { return r.Task.Actor }),
		column(records, func(r *event.Record) string { return r.Task.ActorDepartment }),
		column(records, func(r *event.Record) *time.Time { return orNil(r.Task.DueAt) }),
		column(records, func(r *event.Record) string { return r.Task.Attributes[event.AttributeClass] }),
		column(records, func(r *event.Record) bool { return r.Task.Attributes[event.AttributeAssumeComplete] == "true" }),
		column(records, func(r *event.Record) map[string]string { return r.Task.Attributes }),
	)
	return append(columns, placeColumns(records)...)
}

func faultColumns(records []event.Record) []any {
	columns := append(commonColumns(records),
		column(records, func(r *event.Record) string { return r.Fault.Process }),
		column(records, func(r *event.Record) string { return r.Fault.FaultID }),
		column(records, func(r *event.Record) string { return r.Fault.CaseID }),
		column(records, func(r *event.Record) string { return r.Fault.Stage }),
		column(records, func(r *event.Record) string { return r.Fault.Kind }),
		column(records, func(r *event.Record) string { return string(r.Fault.Severity) }),
		column(records, func(r *event.Record) string { return string(r.Fault.Status) }),
		column(records, func(r *event.Record) string { return r.Fault.Department }),
		column(records, func(r *event.Record) string { return r.Fault.ReportedBy }),
		column(records, func(r *event.Record) *time.Time { return orNil(r.Fault.FoundAt) }),
	)
	return append(columns, placeColumns(records)...)
}

func answerColumns(records []event.Record) []any {
	return append(commonColumns(records),
		column(records, func(r *event.Record) string { return r.Answer.Wave }),
		column(records, func(r *event.Record) string { return r.Answer.Questionnaire }),
		column(records, func(r *event.Record) string { return r.Answer.AnswerID }),
		column(records, func(r *event.Record) string { return r.Answer.Department }),
		column(records, func(r *event.Record) map[string]float64 { return pick(r.Answer.Answers, event.Value.Number) }),
		column(records, func(r *event.Record) map[string]string { return pick(r.Answer.Answers, event.Value.Text) }),
		column(records, func(r *event.Record) map[string][]string { return pick(r.Answer.Answers, event.Value.Choices) }),
		column(records, func(r *event.Record) string { return r.Log }),
		column(records, func(r *event.Record) uint32 { return uint32(r.Partition) }), //nolint:gosec // partitions count from 0
		column(records, func(r *event.Record) time.Time { return r.ProducedAt.UTC().Truncate(answerResolution) }),
	)
}

// answerResolution is how closely is kept when Kafka took an answer. With the
// instant, or the offset, those who know when somebody answered would know what.
const answerResolution = 24 * time.Hour

// answerPlaces tells where answers lay, apart from the answers: see the table.
const answerPlaces = "INSERT INTO answer_places (" + logColumns + ", time)"

func answerPlaceColumns(records []event.Record) []any {
	return append(placeColumns(records), column(records, func(r *event.Record) time.Time { return r.Time }))
}

// pick returns the answers of one kind.
func pick[T any](answers map[string]event.Value, as func(event.Value) (T, bool)) map[string]T {
	picked := make(map[string]T)
	for key, value := range answers {
		if v, ok := as(value); ok {
			picked[key] = v
		}
	}
	return picked
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
