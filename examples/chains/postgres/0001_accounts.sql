-- A key that no sequence fills, defaults in the words of this server and of others.
CREATE TYPE account_state AS ENUM ('new', 'open', 'closed');
CREATE TABLE accounts (
  id integer PRIMARY KEY,
  handle character varying NOT NULL,
  email text UNIQUE NULLS NOT DISTINCT,
  active boolean NOT NULL DEFAULT true,
  rate numeric(8, 2) NOT NULL DEFAULT 1.50,
  joined_at timestamptz NOT NULL DEFAULT now(),
  state account_state NOT NULL DEFAULT 'new'
);
INSERT INTO accounts (id, handle, email) VALUES (1, 'ada', 'ada@example.com'), (2, 'bob', NULL);
