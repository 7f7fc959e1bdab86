DROP VIEW IF EXISTS answer_watermark
