DROP VIEW IF EXISTS task_watermark
