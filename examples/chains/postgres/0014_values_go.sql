ALTER TABLE notes DROP COLUMN pinned;
DROP TABLE remarks;
