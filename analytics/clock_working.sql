-- What the office's clock shows at an instant, see clock_office.sql, which this stands on.
instant -> office_time(instant) AS reading
