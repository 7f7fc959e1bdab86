DROP VIEW IF EXISTS answer_coverage
