measured AS
(
    SELECT reading(completed) - reading(started) AS spent FROM chosen
)
