CREATE TABLE notes (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  handle TEXT NOT NULL,
  "asc" INTEGER NOT NULL DEFAULT 0,
  body TEXT
);
CREATE INDEX notes_of ON notes (handle ASC, id DESC);
CREATE INDEX notes_in_order ON notes ("asc" ASC);
