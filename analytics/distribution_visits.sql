measured AS
(
    SELECT spent FROM visits WHERE empty({stage:Array(String)}) OR stage IN {stage:Array(String)}
)
