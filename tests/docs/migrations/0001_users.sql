-- [file]
-- up
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, fax TEXT);
CREATE TRIGGER users_are_kept BEFORE DELETE ON users BEGIN
  SELECT RAISE(ABORT, 'users are kept');
END;

-- down
DROP TABLE users;
-- [/file]
