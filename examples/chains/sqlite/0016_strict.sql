CREATE TABLE measures (id INTEGER PRIMARY KEY, value ANY, taken_at TEXT NOT NULL) STRICT;
CREATE TABLE pairs (
  left_id INTEGER NOT NULL,
  right_id INTEGER NOT NULL,
  weight NUMERIC(10, 2) DEFAULT 1,
  PRIMARY KEY (left_id, right_id),
  FOREIGN KEY (left_id, right_id) REFERENCES pairs (left_id, right_id) DEFERRABLE INITIALLY DEFERRED
);
