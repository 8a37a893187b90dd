-- up
CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL);

-- down
DROP TABLE note;
