-- TIMESTAMP and DATETIME keep the same values, text included.
PRAGMA foreign_keys = OFF;
BEGIN;
CREATE TABLE new_accounts (
  handle VARCHAR(9) PRIMARY KEY,
  email TEXT COLLATE NOCASE,
  active INTEGER NOT NULL DEFAULT 1,
  rate DOUBLE NOT NULL DEFAULT 1.5,
  joined_at DATETIME DEFAULT (CURRENT_TIMESTAMP),
  state TEXT NOT NULL DEFAULT ('new') CHECK (state IN ('new', 'open', 'closed')),
  seen_at DATETIME NOT NULL DEFAULT '2024-01-01 00:00:00',
  CHECK (rate >= 0)
);
INSERT INTO new_accounts (handle, email, active, rate, joined_at, state)
  SELECT handle, email, active, rate, joined_at, state FROM accounts;
DROP TABLE accounts;
ALTER TABLE new_accounts RENAME TO accounts;
CREATE UNIQUE INDEX accounts_email ON accounts (email COLLATE NOCASE);
COMMIT;
PRAGMA foreign_keys = ON;
