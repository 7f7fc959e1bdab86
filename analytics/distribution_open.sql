measured AS
(
    SELECT reading(at) - reading(started) AS spent FROM open_cases
)
