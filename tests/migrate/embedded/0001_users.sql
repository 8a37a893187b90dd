-- up
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'a "quote", a \ and 100 %');
CREATE TRIGGER users_log AFTER INSERT ON users BEGIN
  SELECT "name", (1) FROM users; -- ${CC} @name@ ]]
END;

-- down
DROP TABLE users;
