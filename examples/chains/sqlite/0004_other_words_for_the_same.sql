-- Types of the same affinity and defaults of the same value: there is nothing to do.
PRAGMA foreign_keys = OFF;
BEGIN;
CREATE TABLE new_accounts (
  handle VARCHAR(9) PRIMARY KEY,
  email TEXT COLLATE NOCASE,
  active INTEGER NOT NULL DEFAULT 1,
  rate DOUBLE NOT NULL DEFAULT 1.5,
  joined_at TIMESTAMP DEFAULT (CURRENT_TIMESTAMP),
  state TEXT NOT NULL DEFAULT ('new') CHECK (state IN ('new', 'open', 'closed')),
  CHECK (rate >= 0)
);
INSERT INTO new_accounts SELECT * FROM accounts;
DROP TABLE accounts;
ALTER TABLE new_accounts RENAME TO accounts;
CREATE UNIQUE INDEX accounts_email ON accounts (email COLLATE NOCASE);
COMMIT;
PRAGMA foreign_keys = ON;
