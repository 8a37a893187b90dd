-- SQLite's own recipe for what ALTER TABLE cannot do. The key takes NULL afterwards as before.
PRAGMA foreign_keys = OFF;
BEGIN;
CREATE TABLE new_accounts (
  handle TEXT PRIMARY KEY,
  email VARCHAR(120) COLLATE NOCASE,
  active INT NOT NULL DEFAULT TRUE,
  rate REAL NOT NULL DEFAULT 1.50,
  joined_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'open', 'closed')),
  CHECK (rate >= 0)
);
INSERT INTO new_accounts SELECT * FROM accounts;
DROP TABLE accounts;
ALTER TABLE new_accounts RENAME TO accounts;
CREATE UNIQUE INDEX accounts_email ON accounts (email COLLATE NOCASE);
COMMIT;
PRAGMA foreign_keys = ON;
