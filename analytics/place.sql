-- Where an event stands in the course of things: a text that sorts as (time, sequence, event_id)
-- does, from 1900 on. Instants are milliseconds since 1970, which may be negative. Arrival plays no part in it. One text costs half of a tuple in argMax.
(instant, sequence, event_id) -> concat(leftPad(toString(instant + 2300000000000), 14, '0'), sequence, '\0', event_id) AS place_of
