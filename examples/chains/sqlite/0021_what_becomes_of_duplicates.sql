-- The clause has no place in hewn's model, which names it.
CREATE TABLE new_palettes (
  id INTEGER PRIMARY KEY ON CONFLICT REPLACE,
  ink BLOB NOT NULL ON CONFLICT FAIL DEFAULT X'00FF' CHECK ("ink" <> X'deadBEEF'),
  mood TEXT NOT NULL ON CONFLICT ABORT DEFAULT 'Calm, it''s late' CHECK (mood <> 'check('),
  [Full name] TEXT CHECK ([Full name] <> '')
);
INSERT INTO new_palettes SELECT * FROM palettes;
DROP TABLE palettes;
ALTER TABLE new_palettes RENAME TO palettes;
