SELECT kind, stage, department, found
FROM counted_faults
WHERE process IN {process:Array(String)} AND case_id = {case_id:String}
ORDER BY found, kind, stage, department
