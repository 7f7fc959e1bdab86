-- Whether a case keeps the limits that hold for it, as of now.
SELECT
    limit_key,
    begun,
    done,
    done != never AS is_done,
    limit_kept(form, clock, amount, begun, if(is_done, done, {now:Int64}), promised) AS is_kept,
    promised
FROM promises_made
WHERE case_id = {case_id:String}
ORDER BY limit_key
