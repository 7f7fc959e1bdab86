SELECT comment, tag
FROM survey_comment_tags
WHERE wave = {wave:String} AND question = {question:String}
GROUP BY comment, tag
HAVING argMax(is_on, at)
ORDER BY comment, tag
