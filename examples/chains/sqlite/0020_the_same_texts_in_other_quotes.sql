-- Digits of a blob in capitals, and texts in the quotes of texts: there is nothing to do.
CREATE TABLE new_palettes (
  id INTEGER PRIMARY KEY,
  ink BLOB NOT NULL DEFAULT X'00FF' CHECK ("ink" <> X'deadBEEF'),
  mood TEXT NOT NULL DEFAULT 'Calm, it''s late' CHECK (mood <> 'check('),
  [Full name] TEXT CHECK ([Full name] <> '')
);
INSERT INTO new_palettes SELECT * FROM palettes;
DROP TABLE palettes;
ALTER TABLE new_palettes RENAME TO palettes;
