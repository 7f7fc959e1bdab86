-- The responses that emergency_response.sql measures.
picked AS
(
    SELECT process, case_id, begun AS started, done AS until, reading(done) - reading(begun) AS spent, 1 AS things
    FROM judged
    WHERE NOT is_open AND is_done
)
