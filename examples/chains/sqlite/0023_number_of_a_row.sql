-- A key that is the number of its row never is NULL, with NOT NULL or without; an index ascends, with ASC or without. The CHECK asks for a rebuild.
PRAGMA foreign_keys = OFF;
BEGIN;
CREATE TABLE new_notes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  handle TEXT NOT NULL,
  "asc" INTEGER NOT NULL DEFAULT 0 CHECK ("asc" >= 0),
  body TEXT
);
INSERT INTO new_notes SELECT * FROM notes;
DROP TABLE notes;
ALTER TABLE new_notes RENAME TO notes;
CREATE INDEX notes_of ON notes (handle, id DESC);
CREATE INDEX notes_in_order ON notes ("asc");
COMMIT;
PRAGMA foreign_keys = ON;
