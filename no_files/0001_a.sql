-- up
SELECT 1;