-- The nodes of metric_points that a case belongs to: the values of process, department and class, those
-- that the node leaves open as a character that no key may hold.
(process, department, class) -> [
    '\x1E\x1F\x1E\x1F\x1E',
    concat(process, '\x1F\x1E\x1F\x1E'),
    concat('\x1E\x1F', department, '\x1F\x1E'),
    concat(process, '\x1F', department, '\x1F\x1E'),
    concat('\x1E\x1F\x1E\x1F', class),
    concat(process, '\x1F\x1E\x1F', class)] AS nodes_of
