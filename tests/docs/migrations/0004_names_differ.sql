-- [rebuild]
-- foreign keys off
-- irreversible: names that were equal have been told apart
-- up
CREATE TABLE fresh (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
INSERT INTO fresh SELECT id, name FROM users;
DROP TABLE users;
ALTER TABLE fresh RENAME TO users;
-- [/rebuild]
