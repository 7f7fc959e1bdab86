DROP VIEW IF EXISTS fault_watermark
