-- Later rows keep to them; those that are there need not.
ALTER TABLE accounts ADD CONSTRAINT positive_rate CHECK (rate > 0) NOT VALID;
CREATE TABLE notes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id integer,
  body text NOT NULL
);
ALTER TABLE notes ADD CONSTRAINT notes_account FOREIGN KEY (account_id) REFERENCES accounts (id) NOT VALID;
