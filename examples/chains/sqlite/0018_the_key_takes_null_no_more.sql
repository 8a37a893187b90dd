-- Rows without a key have to go first; a plan cannot know that they may.
PRAGMA foreign_keys = OFF;
BEGIN;
DELETE FROM accounts WHERE handle IS NULL;
CREATE TABLE new_accounts (
  handle TEXT NOT NULL PRIMARY KEY,
  email TEXT COLLATE NOCASE,
  active INTEGER NOT NULL DEFAULT 1,
  rate DOUBLE NOT NULL DEFAULT 1.5,
  joined_at DATETIME DEFAULT (CURRENT_TIMESTAMP),
  state TEXT NOT NULL DEFAULT ('new') CHECK (state IN ('new', 'open', 'closed')),
  seen_at DATETIME NOT NULL DEFAULT '2024-01-01 00:00:00',
  CHECK (rate >= 0)
);
INSERT INTO new_accounts SELECT handle, email, active, rate, joined_at, state, seen_at FROM accounts;
DROP TABLE accounts;
ALTER TABLE new_accounts RENAME TO accounts;
CREATE UNIQUE INDEX unique_email ON accounts (email COLLATE NOCASE);
COMMIT;
PRAGMA foreign_keys = ON;
