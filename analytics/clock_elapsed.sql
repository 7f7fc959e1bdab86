-- What the clock that never stops shows at an instant. Instants are milliseconds since 1970.
instant -> instant AS reading
