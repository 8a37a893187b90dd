-- The server says of each what it said before.
ALTER TABLE accounts ALTER COLUMN handle TYPE varchar;
ALTER TABLE accounts ALTER COLUMN active SET DEFAULT 't';
