-- A key that takes NULL, as SQLite allows it; defaults in several spellings.
CREATE TABLE accounts (
  handle TEXT PRIMARY KEY,
  email VARCHAR(120) COLLATE NOCASE,
  active INT NOT NULL DEFAULT TRUE,
  rate REAL NOT NULL DEFAULT 1.50,
  joined_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'open', 'closed'))
);
CREATE UNIQUE INDEX accounts_email ON accounts (email COLLATE NOCASE);
INSERT INTO accounts (handle, email) VALUES ('ada', 'ada@example.com'), (NULL, NULL);
