-- The completed cases as case_facts has them, in the form of cases.sql: an event's place is its number
-- in the history. Duplicates: FINAL leaves one row a case.
cases AS
(
    SELECT
        process,
        case_id,
        started,
        completed,
        end_index AS end_place,
        department,
        class,
        arrayZip(arrayEnumerate(instants), instants, stages, actions, actors) AS history
    FROM case_facts FINAL
    WHERE state = 'completed'
        AND quarter >= {first_quarter:UInt16} AND quarter <= {last_quarter:UInt16}
        AND (empty({process:Array(String)}) OR process IN {process:Array(String)})
        AND (empty({department:Array(String)}) OR department IN {department:Array(String)})
)
