-- The child's table, and a row of it, are there before the parent's: legal while keys are not enforced.
PRAGMA foreign_keys = OFF;
CREATE TABLE memberships (
  id INTEGER PRIMARY KEY,
  team_id INTEGER REFERENCES teams (id) ON DELETE SET NULL,
  handle TEXT REFERENCES accounts ON UPDATE CASCADE ON DELETE CASCADE
);
INSERT INTO memberships (id, team_id, handle) VALUES (1, 1, 'ada');
CREATE TABLE teams (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE);
INSERT INTO teams (id, name) VALUES (1, 'engines');
PRAGMA foreign_keys = ON;
