-- What a default has in double quotes is a text for SQLite.
CREATE TABLE palettes (
  id INTEGER PRIMARY KEY,
  ink BLOB NOT NULL DEFAULT x'00ff' CHECK (ink <> x'DEADbeef'),
  mood TEXT NOT NULL DEFAULT "Calm, it's late" CHECK (mood <> 'check('),
  "Full name" TEXT CHECK ("Full name" <> '')
);
