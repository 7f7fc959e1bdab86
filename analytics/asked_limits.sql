-- The limits that the question is about, of all versions: those that `limit_key` and `process` name,
-- or, of a metric about one limit, its yardstick. A yardstick measures every case, so that before
-- and after can be compared: what began before any version had it goes by the first that has.
asked_limits AS
(
    SELECT
        * EXCEPT (version_from, version_to),
        if({yardstick:String} != '' AND promise.version_from = min(promise.version_from) OVER (PARTITION BY process, limit_key),
            toInt64(-9223372036854775808), promise.version_from) AS holds_from,
        promise.version_to AS holds_to
    FROM process_limits AS promise
    WHERE if({yardstick:String} = '', empty({limit_key:Array(String)}) OR concat(process, '/', limit_key) IN {limit_key:Array(String)}, concat(process, '/', limit_key) = {yardstick:String})
        AND (empty({process:Array(String)}) OR process IN {process:Array(String)})
),
-- The attributes that they ask for, in order, so that no other is looked at.
(
    SELECT arraySort(groupUniqArrayArray(arrayConcat(attributes.1, if(form = 'before', [promise_of], []))))
    FROM asked_limits
) AS limit_attributes,
-- And the steps between which they run, in order: a step is known by its place among them, since a
-- number is cheaper to carry and to compare than three texts. 0 is no step, and the case's beginning.
(process, stage, action) -> concat(process, '\0', stage, '\0', action) AS step_name,
(
    SELECT arraySort(groupUniqArrayArray(arrayMap(step -> step_name(process, step.1, step.2), arrayPushBack(ends, begins))))
    FROM asked_limits
) AS limit_steps
